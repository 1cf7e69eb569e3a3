// Legend: N rows, D model width, V vocabulary.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class FusedHeadLossTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    /// <summary>Vocabularies below a vector, of whole vectors, and with a remainder.</summary>
    public static MatrixTheoryData<int, double, ScalarType> Cases { get; } = new([7, 16, 48, 50], [0, 0.05], [ScalarType.Float32, ScalarType.BFloat16]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void ItIsTheHeadWithCrossEntropyAndZLoss(int vocabulary, double zLossWeight, ScalarType dtype) => Check(rows: 60, width: 24, vocabulary, zLossWeight, dtype);

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void ChunksOfRowsAddUp(ScalarType dtype) => Check(rows: 45, width: 8, vocabulary: 50_003, 0.01, dtype); // 41 rows have two million logits: a chunk

    [Theory]
    [InlineData(301, 64, 96)]
    [InlineData(301, 96, 64)]
    [InlineData(1100, 32, 4096)]
    public void TheMatrixUnitComputesTheSame(int rows, int width, int vocabulary)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        Check(rows, width, vocabulary, 0.05, ScalarType.BFloat16, scale: 0.3); // small logits: theirs is the largest rounding
    }

    [Fact]
    public void TheMatrixUnitIsUsedWhereItIsPresent()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        var own = Gradients(ScalarType.Float32);
        using var without = FusedKernels.Without(FusedKernel.MatrixUnit);
        Assert.False(own[2].bytes.SequenceEqual(Gradients(ScalarType.Float32)[2].bytes)); // of the head: torch rounds each chunk's to bf16
    }

    /// <summary>A head in bf16 has its gradient in bf16, which products in the matrix unit do not add to.</summary>
    [Fact]
    public void AHeadInBf16IsLeftToTorch()
    {
        var own = Gradients(ScalarType.BFloat16);
        using var without = FusedKernels.Without(FusedKernel.MatrixUnit);
        Assert.All(own.Zip(Gradients(ScalarType.BFloat16)), pair => FusedLaw.AssertSameBits(pair.Second, pair.First));
    }

    /// <summary>The loss, and the gradients of states and head.</summary>
    private static Tensor[] Gradients(ScalarType weightType)
    {
        var (x_ND, weight_VD, targets_N) = Inputs(300, 64, 96, ScalarType.BFloat16);
        return FusedLaw.Run(x => FusedHeadLoss.Apply(x[0], x[1], targets_N, empty(300), 0.05), [x_ND, weight_VD.to(weightType)]);
    }

    [Fact]
    public void WithoutGradientsTheLossIsTheSame()
    {
        var (x_ND, weight_VD, targets_N) = Inputs(60, 24, 50, ScalarType.Float32);
        var (losses_N, without_N) = (empty(60), empty(60));
        var total = FusedHeadLoss.Apply(x_ND.requires_grad_(true), weight_VD, targets_N, losses_N, 0.05);
        using (no_grad())
            FusedLaw.AssertSameBits(total.detach(), FusedHeadLoss.Apply(x_ND, weight_VD, targets_N, without_N, 0.05));
        FusedLaw.AssertSameBits(losses_N, without_N);
    }

    [Fact]
    public void RowsWithoutTargetHaveNoLossAndNoGradient()
    {
        var (x_ND, weight_VD, _) = Inputs(20, 24, 50, ScalarType.Float32);
        var losses_N = empty(20);
        var targets_N = full(20, Batch.IgnoredTarget, ScalarType.Int64);
        var results = FusedLaw.Run(x => FusedHeadLoss.Apply(x[0], x[1], targets_N, losses_N, 0.05), [x_ND, weight_VD]);
        Assert.All(results.Append(losses_N), x => Assert.Equal(0, x.abs().max().ToSingle()));
    }

    [Fact]
    public void LargeLogitsDoNotOverflow() => Check(rows: 20, width: 24, 50, 0, ScalarType.Float32, scale: 40);

    [Fact]
    public void ATargetBeyondTheVocabularyIsRefused()
    {
        var (x_ND, weight_VD, targets_N) = Inputs(20, 24, 50, ScalarType.Float32);
        targets_N[11] = 50;
        Assert.Contains("50", Assert.Throws<ArgumentOutOfRangeException>(() => FusedHeadLoss.Apply(x_ND, weight_VD, targets_N, empty(20), 0)).Message);
    }

    /// <summary>Also each row's loss; the upstream factor is that of <see cref="FusedLaw.Check"/>, a random number.</summary>
    private static void Check(int rows, int width, int vocabulary, double zLossWeight, ScalarType dtype, double scale = 1)
    {
        var (x_ND, weight_VD, targets_N) = Inputs(rows, width, vocabulary, dtype);
        var losses_N = empty(rows);
        Tensor expected_N = empty(0);
        FusedLaw.Check(x => FusedHeadLoss.Apply(x[0], x[1], targets_N, losses_N, zLossWeight), x =>
        {
            var logits_NV = x[0].mm(x[1].t());
            var loss_N = nn.functional.cross_entropy(logits_NV, targets_N, ignore_index: Batch.IgnoredTarget, reduction: nn.Reduction.None);
            expected_N = loss_N.detach().MoveToOuterDisposeScope();
            return loss_N.sum() + (zLossWeight * logits_NV.logsumexp(-1).square() * targets_N.ne(Batch.IgnoredTarget)).sum();
        }, [scale * x_ND, weight_VD], FusedLaw.Tolerance(dtype));
        FusedLaw.AssertClose("losses", expected_N, losses_N, FusedLaw.Tolerance(dtype));
    }

    /// <summary>Every seventh row has no target; the others have all targets of the vocabulary in turn, the last ones among them.</summary>
    private static (Tensor X_ND, Tensor Weight_VD, Tensor Targets_N) Inputs(int rows, int width, int vocabulary, ScalarType dtype)
    {
        long[] targets = [.. Enumerable.Range(0, rows).Select(i => i % 7 == 2 ? Batch.IgnoredTarget : (vocabulary - 1 - i + vocabulary * 20L) % vocabulary)];
        return (FusedLaw.Random([rows, width], 1, dtype), 0.3 * FusedLaw.Random([vocabulary, width], 2), tensor(targets));
    }
}
