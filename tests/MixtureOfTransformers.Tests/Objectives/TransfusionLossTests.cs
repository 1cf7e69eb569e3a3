using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Objectives;

public sealed class TransfusionLossTests : IDisposable
{
    private const long Seed = 5;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void ItIsTheMeanOfTextAndFiveTimesTheMeanOfImages()
    {
        var batch = TestImages.Batch([4, 6], [3]);
        using var model = TestModels.Create(TestImages.Config(), 1);
        var objective = new TransfusionLoss(model.Config);
        var counts = objective.Count(model, batch);
        Assert.Equal([batch.TargetCount, 13], counts);

        var loss = objective.Compute(model, batch, counts, Seed);
        var sums = loss.PerModality.to(ScalarType.Float64).data<double>().ToArray();
        var expected = (sums[0] / counts[0]) + (5 * sums[1] / counts[1]);
        Assert.Equal(expected, loss.Total.ToDouble(), 1e-5 * expected);
        Assert.Equal(expected, objective.Mean(sums, counts), 1e-9);

        var noised = NoisedImages.Of(batch.Images!, Objective.NoiseOf(model.Config.Diffusion!), model.Config.Diffusion!.ImageFirstLimit, Seed, CPU);
        using var pass = new BatchPass(model, batch, images: noised.Input);
        var states = pass.HiddenStates();
        var error = (model.PredictPatches(states, pass.Images!, pass.Routing) - noised.Target_PX).square().mean().ToDouble();
        Assert.Equal(error, sums[1] / counts[1], 1e-5 * error);
        var logits = model.Logits(pass.Routing.Restore(states));
        var text = nn.functional.cross_entropy(logits, tensor(batch.Targets), ignore_index: Batch.IgnoredTarget).ToDouble();
        Assert.Equal(text, sums[0] / counts[0], 1e-5 * text);
    }

    [Fact]
    public void MicrobatchesAddUpToTheLossOfTheStep()
    {
        Batch[] batches = [TestImages.Batch([4, 6], [3]), TestImages.Batch([9])];
        using var model = TestModels.Create(TestImages.Config(), 1);
        var objective = new TransfusionLoss(model.Config);
        var counts = objective.Count(model, batches[0]).Zip(objective.Count(model, batches[1]), (a, b) => a + b).ToArray();
        var losses = batches.Select(batch => objective.Compute(model, batch, counts, Seed)).ToArray();
        var sums = (losses[0].PerModality + losses[1].PerModality).to(ScalarType.Float64).data<double>().ToArray();
        Assert.Equal(objective.Mean(sums, counts), losses.Sum(loss => loss.Total.ToDouble()), 1e-5);
    }

    [Fact]
    public void TextWithoutImagesAndImagesWithoutTextHaveALoss()
    {
        using var model = TestModels.Create(TestImages.Config(), 1);
        var objective = new TransfusionLoss(model.Config);
        var text = new Batch(1, 3, [1, 2, 3], [0, 0, 0], [2, 3, Batch.IgnoredTarget], [0, 0, 0]);
        Assert.True(double.IsFinite(objective.Compute(model, text, objective.Count(model, text), Seed).Total.ToDouble()));
        var image = new Batch(1, 3, [TestImages.Patch, TestImages.Patch, TestImages.Patch], [1, 1, 1], [Batch.IgnoredTarget, Batch.IgnoredTarget, Batch.IgnoredTarget], [0, 0, 0],
            images: new(TestImages.PatchDim, [new(0, 3, false)], new float[3 * TestImages.PatchDim]));
        var loss = objective.Compute(model, image, objective.Count(model, image), Seed);
        Assert.True(double.IsFinite(loss.Total.ToDouble()));
        loss.Total.backward();
    }

    [Fact]
    public void ImagesBeforeTextAreNoisedToTheLimitAndOthersToTheTop()
    {
        var images = new BatchImages(1, [.. Enumerable.Range(0, 400).Select(i => new ImageSpan(i, 1, LeadsText: i % 2 == 0))], new float[400]);
        var noised = NoisedImages.Of(images, new CosineDiffusion(), 0.5, Seed, CPU);
        var times = noised.Input.Times.data<float>().ToArray();
        Assert.InRange(times.Where((_, i) => i % 2 == 0).Max(), 450, 500);
        Assert.InRange(times.Where((_, i) => i % 2 == 1).Max(), 950, 1000);
    }

    [Fact]
    public void EachImageHasItsOwnLevelAndEachSeedItsOwnNoise()
    {
        var images = TestImages.Batch([4, 6], [3]).Images!;
        var (first, again, other) = (NoisedImages.Of(images, new CosineDiffusion(), 1, 1, CPU), NoisedImages.Of(images, new CosineDiffusion(), 1, 1, CPU), NoisedImages.Of(images, new CosineDiffusion(), 1, 2, CPU));
        Assert.Equal(3, first.Input.Times.data<float>().Distinct().Count());
        Assert.True(first.Input.Patches.equal(again.Input.Patches).all().ToBoolean());
        Assert.False(first.Target_PX.equal(other.Target_PX).any().ToBoolean());
    }

    [Theory]
    [InlineData(NoiseKind.Ddpm)]
    [InlineData(NoiseKind.Flow)]
    [InlineData(NoiseKind.FlowFromNoise)]
    public void FusedAndComposedKernelsAgree(NoiseKind noise)
    {
        var batch = TestImages.Batch([4, 16], [33, 2]);
        var config = TestImages.Config() with { Dim = 64, HeadCount = 2, KeyValueHeadCount = 1 };
        using var model = TestModels.Create(config with { Diffusion = config.Diffusion! with { Noise = noise } }, 1, ScalarType.Float32);
        var objective = new TransfusionLoss(model.Config);
        var fused = Gradients(model, objective, batch);
        using (FusedKernels.Off())
        {
            var composed = Gradients(model, objective, batch);
            Assert.Equal(composed.Loss, fused.Loss, 1e-5 * composed.Loss);
            Assert.All(fused.Gradients, (gradient, i) => Assert.True(TestModels.Difference(gradient, composed.Gradients[i]) <= 1e-5 * Math.Max(1, composed.Gradients[i].abs().max().ToSingle()), $"gradient {i}"));
        }
    }

    private static (double Loss, List<Tensor> Gradients) Gradients(MotModel model, TransfusionLoss objective, Batch batch)
    {
        model.zero_grad();
        var loss = objective.Compute(model, batch, objective.Count(model, batch), Seed);
        loss.Total.backward();
        return (loss.Total.ToDouble(), [.. model.parameters().Select(p => p.grad is { } grad ? grad.clone() : zeros_like(p))]);
    }
}
