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

    [Fact]
    public void WeightsMayBeBf16Too() => Check(Config(2, NormPlacement.Output), ScalarType.BFloat16, ScalarType.BFloat16, 5e-2);

    [Theory]
    [InlineData(UntiedParts.None)]
    [InlineData(UntiedParts.Norms)]
    [InlineData(UntiedParts.FeedForward)]
    [InlineData(UntiedParts.QueryKeyValue | UntiedParts.Output)]
    public void TiedPartsAgreeToo(UntiedParts untied) => Check(Config(3, NormPlacement.Output) with { Untied = untied }, ScalarType.Float32, ScalarType.Float32, 1e-4);

    /// <summary>Other bits show that it is not used.</summary>
    [Fact]
    public void EachKernelCanBeLeftOutAlone()
    {
        var config = Config(2, NormPlacement.Output);
        var with = Gradients(TestModel(config, ScalarType.Float32, ScalarType.Float32)).ToList();
        foreach (var kernel in (FusedKernel[])[FusedKernel.Attention, FusedKernel.Norm, FusedKernel.SwiGlu, FusedKernel.HeadLoss])
        {
            using var without = FusedKernels.Without(kernel);
            var own = Gradients(TestModel(config, ScalarType.Float32, ScalarType.Float32)).ToList();
            Assert.All(with.Zip(own), pair => FusedLaw.AssertClose(pair.First.Name, pair.First.Gradient, pair.Second.Gradient, 1e-4));
            Assert.Contains(with.Zip(own), pair => TestModels.Difference(pair.First.Gradient, pair.Second.Gradient) > 0);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void TwoRunsHaveTheSameBits(ScalarType computeType)
    {
        var runs = Enumerable.Range(0, 2).Select(_ =>
        {
            var model = TestModel(Config(2, NormPlacement.Output), computeType, ScalarType.Float32);
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
        var layout = new AttentionCase([[20, 13], [5, 1, 30], [33]], config.Modalities.Length);
        var random = new Random(8);
        long[] inputs = [.. Enumerable.Range(0, layout.TokenCount).Select(_ => (long)random.Next(config.VocabularySize))];
        var segments = layout.Segments;
        long[] targets = [.. inputs.Select((token, i) => segments[i] == Batch.PaddingSegment || i % 11 == 3 ? Batch.IgnoredTarget : token * 2 % config.VocabularySize)];
        return new(layout.Documents.Length, layout.Length, inputs, layout.TowerOfToken, targets, layout.TowerOfToken, segments);
    }
}
