using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Tests.Objectives;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class DenoisingLossTests
{
    /// <summary>A model that predicts nothing errs by the target's own square: the noise for DDPM, noise − image for flow, at every level.</summary>
    [Theory]
    [InlineData(NoiseKind.Ddpm, 1)]
    [InlineData(NoiseKind.Flow, 1 + (1 / 3.0))] // the images of these batches are even between −1 and 1
    public void AModelThatPredictsNothingHasTheLossOfTheTarget(NoiseKind noise, double expected)
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestImages.Config() with { MaxSequenceLength = 256, Diffusion = new() { PatchDim = TestImages.PatchDim, Noise = noise } }, 1, ScalarType.Float32);
        using (no_grad())
        {
            model.get_parameter("patches.output.weight")!.zero_();
            model.get_parameter("patches.output.bias")!.zero_();
        }
        var losses = DenoisingLoss.Measure(model, [TestImages.Batch([60, 70], [90]), TestImages.Batch([50])], [0.1, 0.5, 1]);
        Assert.Equal(3, losses.Count);
        Assert.All(losses, loss => Assert.Equal(expected, loss, 0.1 * expected));
    }
}
