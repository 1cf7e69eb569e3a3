using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Tests.Objectives;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

/// <summary>LMFusion: towers from a language model, of which the text tower stays as it is.</summary>
public sealed class FrozenTowerTests : IDisposable
{
    private static readonly long[] Text = [3, 9, 27, 31, 43, 29, 37, 11, 33];

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(NormPlacement.Output, true)]
    [InlineData(NormPlacement.Pre, true)]
    [InlineData(NormPlacement.Output, false)]
    public void TextLogitsStayThoseOfTheSeedBitForBitWhileTheImageTowerLearns(NormPlacement norm, bool fused)
    {
        using var kernels = fused ? null : FusedKernels.Off();
        var config = TestImages.Config() with { Dim = 64, HeadCount = 2, KeyValueHeadCount = 2, NormPlacement = norm };
        using var seed = TestModels.Create(config.AsDense(), 1, ScalarType.Float32);
        using var mot = TestModels.Create(config, 2, ScalarType.Float32);
        Upcycling.Apply(seed, mot);
        var expected = Bits(seed);
        Assert.Equal(expected, Bits(mot));

        using var session = new TrainingSession(mot, Recipe(("text", 0)), new Images());
        var before = ImageLoss(session.Step());
        for (var step = 0; step < 30; step++)
            session.Step();
        Assert.Equal(expected, Bits(mot));
        Assert.True(ImageLoss(session.Step()) < 0.9 * before, "the image tower does not learn");
    }

    [Fact]
    public void EachTowerHasARateOfItsOwn()
    {
        using var slow = TestModels.Create(TestImages.Config(), 1, ScalarType.Float32);
        using var fast = TestModels.Create(TestImages.Config(), 1, ScalarType.Float32);
        var start = slow.named_parameters().ToDictionary(p => p.name, p => p.parameter.clone());
        using (var session = new TrainingSession(slow, Recipe(("image", 0.5)), new Images()))
            session.Step();
        using (var session = new TrainingSession(fast, Recipe(), new Images()))
            session.Step();
        foreach (var (name, ratio) in new[] { ("layers.0.wo.0.weight", 1.0), ("layers.0.wo.1.weight", 0.5), ("patches.output.weight", 0.5), ("tok_embeddings", 1), ("output.weight", 1) })
        {
            var (half, whole) = (slow.get_parameter(name)! - start[name], fast.get_parameter(name)! - start[name]);
            Assert.True(whole.abs().max().ToSingle() > 1e-5, name);
            Assert.True(TestModels.Difference(whole * ratio, half) <= 2e-3 * whole.abs().max().ToSingle(), name);
        }
    }

    [Fact]
    public void AnUnknownModalityIsAnError()
    {
        using var model = TestModels.Create(TestImages.Config(), 1, ScalarType.Float32);
        Assert.Contains("names smell", Assert.Throws<ConfigException>(() => new TrainingSession(model, Recipe(("smell", 0)), new Images())).Message);
    }

    private static TrainingRecipe Recipe(params (string Modality, double Factor)[] factors) => new()
    {
        Steps = 100,
        WarmupSteps = 0,
        LearningRate = 1e-2,
        LearningRateFactors = factors.ToImmutableSortedDictionary(f => f.Modality, f => f.Factor),
    };

    private static double ImageLoss(StepMetrics step) => step.ModalityLoss["image"];

    private static float[] Bits(MotModel model)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return TestModels.Run(model, Text, new byte[Text.Length]).data<float>().ToArray();
    }

    private sealed class Images : IBatchSource
    {
        public StreamPosition Position { get; set; }

        public Batch Next() => TestImages.Batch([4, 6], [9]);
    }
}
