using System.Text;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Checkpoint names and shapes are a public format: a change must be seen. Approved text beside this file; update by copying the received one over it.</summary>
public sealed class StateDictTests
{
    [Theory]
    [InlineData("tiny")]
    [InlineData("443m")]
    [InlineData("transfusion-163m")]
    public void NamesAndShapesAreTheApprovedOnes(string preset)
    {
        using var scope = NewDisposeScope();
        using var model = new MotModel(ModelPresets.Get(preset), META, generator: null);
        var text = new StringBuilder();
        foreach (var (name, tensor) in model.state_dict().OrderBy(t => t.Key, StringComparer.Ordinal))
            if (!name.StartsWith("layers.", StringComparison.Ordinal) || name.StartsWith("layers.0.", StringComparison.Ordinal))
                text.Append(name).Append(" [").AppendJoin(", ", tensor.shape).Append("]\n");
        Approvals.Verify($"Models/StateDict.{preset}.approved.txt", text.ToString());
    }
}
