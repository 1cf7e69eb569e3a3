using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>A module that is nothing but named parameters.</summary>
internal sealed class TestModule : nn.Module
{
    private readonly Dictionary<string, Parameter> _byName = [];

    public TestModule(params (string Name, Tensor Value)[] values) : base(nameof(TestModule))
    {
        foreach (var (name, value) in values)
            register_parameter(name, _byName[name] = new Parameter(value));
    }

    public Parameter this[string name] => _byName[name];
}
