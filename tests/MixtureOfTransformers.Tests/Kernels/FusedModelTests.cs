using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>A whole model on the kernels against itself in float64, which the kernels do not reach.</summary>
public sealed class FusedModelTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<int, NormPlacement> Models { get; } = new([1, 2, 3], [NormPlacement.Output, NormPlacement.Pre]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void LossAndGradientsInFp32AreThoseOfFloat64(int towers, NormPlacement placement) => Check(Config(towers, placement), ScalarType.Float32, ScalarType.Float32, 1e-4);

    [Theory]
    [MemberData(nameof(Models))]
    public void LossAndGradientsInBf16AreCloseToThoseOfFloat64(int towers, NormPlacement placement) => Check(Config(towers, placement), ScalarType.BFloat16, ScalarType.Float32, 5e-2);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void InDocumentsLongEnoughForTheMatrixUnitTheyAreToo(ScalarType weightType) => Check(LongConfig, ScalarType.BFloat16, weightType, 5e-2);

    [Fact]
    public void WeightsMayBeBf16Too() => Check(Config(2, NormPlacement.Output), ScalarType.BFloat16, ScalarType.BFloat16, 5e-2);

    [Theory]
    [InlineData(UntiedParts.None)]
    [InlineData(UntiedParts.Norms)]
    [InlineData(UntiedParts.FeedForward)]
    [InlineData(UntiedParts.QueryKeyValue | UntiedParts.Output)]
    public void TiedPartsAgreeToo(UntiedParts untied) => Check(Config(3, NormPlacement.Output) with { Untied = untied }, ScalarType.Float32, ScalarType.Float32, 1e-4);

    /// <summary>A kernel is at work where leaving it out too makes another step.</summary>
    [Theory]
    [InlineData("mot")]
    [InlineData("hybrid")]
    public void EachKernelCanBeLeftOutAlone(string architecture)
    {
        var config = Architectures.Apply(architecture, Config(2, NormPlacement.Output));
        var kernels = Enum.GetValues<FusedKernel>().Where(kernel => kernel != FusedKernel.MatrixUnit).ToArray(); // which has no part in fp32
        var whole = Step();
        foreach (var left in kernels)
        {
            using var without = FusedKernels.Without(left);
            var step = Step();
            Assert.All(whole.Gradients, pair => FusedLaw.AssertClose($"{pair.Key} without {left}", pair.Value, step.Gradients[pair.Key], 1e-4));
            Assert.True(step.IsOtherThan(whole), $"{left} is not left out");
            if (left == FusedKernel.AdamW)
                FusedLaw.AssertClose("weights", whole.Weights, step.Weights, 1e-5);
            if (left == FusedKernel.TowerProduct)
                Assert.Equal(0, step.TowerFlops);
            foreach (var other in kernels.Where(kernel => kernel != left))
            {
                using var both = FusedKernels.Without(other);
                Assert.True(Step().IsOtherThan(step), $"without {left}, {other} is left out too");
            }
        }

        TrainedStep Step()
        {
            using var model = TestModel(config, ScalarType.Float32, ScalarType.Float32);
            return TrainedStep.Of(model);
        }
    }

    [Fact]
    public void TheMatrixUnitCanBeLeftOutAlone()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        using var own = TestModel(LongConfig, ScalarType.BFloat16, ScalarType.Float32);
        using var plain = TestModel(LongConfig, ScalarType.BFloat16, ScalarType.Float32);
        var whole = TrainedStep.Of(own);
        using var without = FusedKernels.Without(FusedKernel.MatrixUnit);
        var step = TrainedStep.Of(plain);
        Assert.All(whole.Gradients, pair => FusedLaw.AssertClose(pair.Key, pair.Value, step.Gradients[pair.Key], 5e-2));
        Assert.True(step.IsOtherThan(whole), "the matrix unit is not left out");
        Assert.Equal(whole.TowerFlops, step.TowerFlops);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void TwoRunsHaveTheSameBits(ScalarType computeType)
    {
        var runs = Enumerable.Range(0, 2).Select(_ =>
        {
            var model = TestModel(LongConfig, computeType, ScalarType.Float32);
            return Gradients(model).Append(("loss", Loss(model))).ToArray();
        }).ToArray();
        Assert.All(runs[0], (run, i) => FusedLaw.AssertSameBits(run.Item2.detach(), runs[1][i].Item2.detach()));
    }

    private static void Check(MotConfig config, ScalarType computeType, ScalarType weightType, double tolerance)
    {
        var own = TestModel(config, computeType, weightType);
        var exact = new MotModel(config, CPU, null, ScalarType.Float64, ScalarType.Float64);
        TestModels.CopyTowers(own, exact, tower => tower);
        FusedLaw.AssertClose("loss", Loss(exact), Loss(own), tolerance / 10);
        Assert.All(Gradients(exact).Zip(Gradients(own)), pair => FusedLaw.AssertClose(pair.First.Name, pair.First.Gradient, pair.Second.Gradient, tolerance));
    }

    /// <summary>With documents, and a vocabulary, that the matrix unit takes.</summary>
    private static MotConfig LongConfig => Config(2, NormPlacement.Output) with { VocabularySize = 64, MaxSequenceLength = 192 };

    internal static MotConfig Config(int towers, NormPlacement placement) => TestModels.Config(towers, placement) with { Dim = 128, HeadCount = 4, FeedForwardDim = 96 };

    private static MotModel TestModel(MotConfig config, ScalarType computeType, ScalarType weightType)
    {
        var drawn = TestModels.Create(config, seed: 4);
        var model = new MotModel(config, CPU, null, computeType, weightType);
        TestModels.CopyTowers(drawn, model, tower => tower);
        return model;
    }

    internal static Tensor Loss(MotModel model) => new NextTokenLoss(zLossWeight: 1e-3).Compute(model, PackedBatch(model.Config)).Total;

    internal static IEnumerable<(string Name, Tensor Gradient)> Gradients(MotModel model)
    {
        Loss(model).backward();
        return model.named_parameters().Select(p => (p.name, p.parameter.grad!));
    }

    /// <summary>Rows of several documents and padding; runs of each modality.</summary>
    internal static Batch PackedBatch(MotConfig config)
    {
        int[][] documents = config.MaxSequenceLength > 64 ? [[150], [90, 61]] : [[20, 13], [5, 1, 30], [33]];
        var layout = new AttentionCase(documents, config.Modalities.Length);
        var random = new Random(8);
        long[] inputs = [.. Enumerable.Range(0, layout.TokenCount).Select(_ => (long)random.Next(config.VocabularySize))];
        var segments = layout.Segments;
        long[] targets = [.. inputs.Select((token, i) => segments[i] == Batch.PaddingSegment || i % 11 == 3 ? Batch.IgnoredTarget : token * 2 % config.VocabularySize)];
        return new(layout.Documents.Length, layout.Length, inputs, layout.TowerOfToken, targets, layout.TowerOfToken, segments);
    }
}
