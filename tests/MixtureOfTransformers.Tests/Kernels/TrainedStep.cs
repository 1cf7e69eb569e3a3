using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>What a training step leaves behind.</summary>
/// <param name="Gradients">By parameter, and the loss.</param>
/// <param name="Weights">After the update, all in one.</param>
/// <param name="TowerFlops">Of the towers' products forward, none where others computed them: those have the same bits.</param>
internal sealed record TrainedStep(IReadOnlyDictionary<string, Tensor> Gradients, Tensor Weights, long TowerFlops)
{
    /// <summary>Tensors of the caller's scope.</summary>
    public static TrainedStep Of(MotModel model)
    {
        using var parameters = new FlatParameters(model);
        using var optimizer = new AdamW(parameters, new());
        TowerProduct.ForwardFlops = 0;
        var loss = FusedModelTests.Loss(model);
        loss.backward();
        var gradients = parameters.Views(parameters.Gradients.clone()).Append(new("loss", loss.detach())).ToDictionary();
        optimizer.Step(1e-3);
        return new(gradients, parameters.Values.clone(), TowerProduct.ForwardFlops);
    }

    /// <summary>In a single bit of a gradient or a weight, or in FLOPs.</summary>
    public bool IsOtherThan(TrainedStep other) =>
        TowerFlops != other.TowerFlops || !Weights.bytes.SequenceEqual(other.Weights.bytes) || Gradients.Any(pair => !pair.Value.bytes.SequenceEqual(other.Gradients[pair.Key].bytes));
}
