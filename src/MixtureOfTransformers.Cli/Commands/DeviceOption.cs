using System.CommandLine;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>--device</c>: where tensors live.</summary>
internal static class DeviceOption
{
    public static Option<string> Create() => new("--device") { Description = "cpu, cuda or cuda:N", DefaultValueFactory = _ => "cpu" };

    /// <summary>The device of that name. Loads libtorch.</summary>
    public static Device Parse(string name)
    {
        if (name == "cpu")
            return CPU;
        if (name != "cuda" && !(name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan(5), out _)))
            throw new UsageException($"--device {name} must be cpu, cuda or cuda:N");
        if (!cuda.is_available())
            throw new MotException($"--device {name} needs a CUDA libtorch and a GPU; set MOT_LIBTORCH to a CUDA build of libtorch, and see mot doctor");
        return device(name);
    }
}
