using MixtureOfTransformers.Benchmarks;
using MixtureOfTransformers.Benchmarks.Naive;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Benchmarks;

public sealed class NaiveMotModelTests
{
    private const int Length = 200; // every row of spans has every modality of two
    private const double Tolerance = 1e-5; // fp32, sums in another order

    public static TheoryData<int, bool> Cases { get; } = new() { { 2, false }, { 2, true }, { 3, true } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void LossAndGradientsAreThoseOfTheGroupedModel(int modalities, bool interleaved)
    {
        using var scope = NewDisposeScope();
        var config = Config(modalities);
        using var grouped = TestModels.Create(config, 1, ScalarType.Float32);
        using var naive = new NaiveMotModel(grouped, Length);
        var batch = SyntheticTokens.CreateBatch(config, interleaved ? ModalityLayout.Interleaved : ModalityLayout.Spans, 2, Length, new SeededRandom(3));
        var (expected, actual) = (new NextTokenLoss().Compute(grouped, batch).Total, naive.LossSum(batch));
        Assert.Equal(1, actual.ToDouble() / expected.ToDouble(), Tolerance);
        expected.backward();
        actual.backward();
        foreach (var name in (string[])["tok_embeddings", "layers.0.wo.0.weight", "layers.1.feed_forward.1.w2.weight", "output.weight"])
        {
            var (a, b) = (Gradient(grouped, name), Gradient(naive, name));
            Assert.True(TestModels.Difference(a, b) < Tolerance * a.abs().max().ToDouble() * 10, name);
        }
    }

    [Fact]
    public void ArchitecturesThatTheSketchDoesNotCoverAreRefused()
    {
        using var model = TestModels.Create(Config(2) with { NormPlacement = NormPlacement.Pre }, 1, ScalarType.Float32);
        Assert.False(NaiveMotModel.Supports(model.Config));
        Assert.Throws<ArgumentException>(() => new NaiveMotModel(model, 8));
    }

    private static MotConfig Config(int modalities) => TestModels.Config(modalities) with { VocabularySize = 96, KeyValueHeadCount = 0, MaxSequenceLength = Length };

    private static Tensor Gradient(nn.Module module, string name) => module.named_parameters().Single(p => p.name == name).parameter.grad!;
}
