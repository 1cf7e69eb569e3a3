using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class FusedAttentionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static MatrixTheoryData<int, ScalarType> WidthsAndTypes { get; } = new([32, 64, 128], [ScalarType.Float32, ScalarType.BFloat16]);

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(WidthsAndTypes))]
    public void ItIsNormRotationAttentionAndPermutationInOne(int headDim, ScalarType dtype) =>
        Check(new([[20, 37], [50]], Towers: 2, headDim) { Dtype = dtype });

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(65)]
    [InlineData(100)]
    public void DocumentsOfEveryLengthAgree(int length) => Check(new([[length], [length, 5]]));

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 1)]
    [InlineData(6, 2)]
    [InlineData(1, 1)]
    public void QueryHeadsShareKeysInGroups(int heads, int keyValueHeads) => Check(new([[19, 34]]) { HeadCount = heads, KeyValueHeadCount = keyValueHeads });

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void TowersHaveTheirOwnNormsOrShareThem(int towers, bool sharedNorm) => Check(new([[1, 1, 40], [7, 1]], towers) { SharedNorm = sharedNorm });

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void NormAndRotationCanBeLeftOut(bool norm, bool rotary) => Check(new([[20, 37], [50]], Towers: 3) { Norm = norm, Rotary = rotary });

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void QueriesSeeToTheirLimit(ScalarType dtype) => Check(new([[70, 33], [31, 1, 64]], Towers: 2) { Blocks = true, Dtype = dtype });

    /// <summary>Head widths and lengths of documents; long enough on average for the matrix unit.</summary>
    public static TheoryData<int, int[]> WidthsAndDocuments { get; } = new()
    {
        { 32, [1, 31, 33, 200] },
        { 32, [32, 64, 200] },
        { 64, [64, 128] },
        { 64, [65, 127, 129] },
        { 96, [70, 5, 260] },
        { 128, [1, 63, 200] },
    };

    [Theory]
    [MemberData(nameof(WidthsAndDocuments))]
    public void TheMatrixUnitComputesTheSame(int headDim, int[] lengths)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        foreach (var blocks in new[] { false, true })
            Check(new([lengths, [lengths[^1], lengths[0]]], Towers: 3, headDim) { Dtype = ScalarType.BFloat16, Blocks = blocks });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Bf16AgreesWithTheMatrixUnitAndWithoutIt(bool matrixUnit)
    {
        Assert.SkipUnless(!matrixUnit || MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        using var without = matrixUnit ? null : FusedKernels.Without(FusedKernel.MatrixUnit);
        Check(new([[150, 33], [101, 1, 64]], Towers: 2, HeadDim: 64) { HeadCount = 6, Blocks = true, Dtype = ScalarType.BFloat16 });
        Check(new([[130, 9]]) { Norm = false, Rotary = false, Dtype = ScalarType.BFloat16 });
    }

    [Fact]
    public void TheMatrixUnitKeepsKeysAndValuesAndAttendsWithTheLastQueryAlone()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, MatrixUnitTests.Absent);
        const int Length = 100, HeadDim = 64;
        var spans = AttentionSpans.Create([], 2 * Length, Length, padding: -1)!;
        var rotation = new RotationTable(Length, HeadDim, 100);
        using var qkv = FusedLaw.Random([2 * Length, 8 * HeadDim], 1, ScalarType.BFloat16);
        (Tensor Keys, Tensor Values, Tensor Last) Attend()
        {
            var (keys, values) = (zeros([2, 2, Length + 3, HeadDim], ScalarType.BFloat16), zeros([2, 2, Length + 3, HeadDim], ScalarType.BFloat16));
            var result = FusedAttention.Apply(new(spans, 4, 2, HeadDim, 1e-5, rotation, null, [0]) { Kept = (keys, values), LastOnly = true }, qkv, [], []);
            return (keys, values, result.index_select(0, tensor(new long[] { Length - 1, (2 * Length) - 1 })));
        }
        var own = Attend();
        using var without = FusedKernels.Without(FusedKernel.MatrixUnit);
        var expected = Attend();
        FusedLaw.AssertSameBits(expected.Keys, own.Keys);
        FusedLaw.AssertSameBits(expected.Values, own.Values);
        FusedLaw.AssertClose("result", expected.Last, own.Last, FusedLaw.Bf16Tolerance);
        Assert.False(expected.Last.bytes.SequenceEqual(own.Last.bytes), "the matrix unit was not used");
    }

    [Fact]
    public void RowsWithoutPaddingAgree() => Check(new([[40, 24], [64]], Padding: 0));

    [Fact]
    public void LargeScoresDoNotOverflow() => Check(new([[50, 20]]) { Norm = false, Scale = 8 }, 1e-4); // scores of several hundred: their own rounding shows

    [Fact]
    public void PaddingGetsZeroAndGivesZeroGradients()
    {
        var layout = new AttentionCase([[30], [5, 4]], Padding: 3);
        var padding = tensor(layout.PaddingRows());
        Assert.Equal(3 + 24, padding.numel());
        var results = FusedLaw.Run(layout.Fused, layout.Inputs());
        Assert.Equal(0, results[0].index_select(0, padding).abs().max().ToSingle());
        Assert.Equal(0, results[1].index_select(0, padding).abs().max().ToSingle());
    }

    [Fact]
    public void WhatPaddingHoldsDoesNotMatter()
    {
        var layout = new AttentionCase([[30], [5, 4]], Padding: 3);
        var inputs = layout.Inputs();
        var before = FusedLaw.Run(layout.Fused, inputs);
        inputs[0].index_fill_(0, tensor(layout.PaddingRows()), float.NaN);
        Assert.All(FusedLaw.Run(layout.Fused, inputs), (after, i) => FusedLaw.AssertSameBits(before[i], after));
    }

    [Fact]
    public void NormWeightsMayBeBf16()
    {
        var layout = new AttentionCase([[20, 9]]) { Dtype = ScalarType.BFloat16 };
        FusedLaw.Check(layout.Fused, layout.Composed, [.. layout.Inputs().Select(x => x.to(ScalarType.BFloat16))], FusedLaw.Bf16Tolerance);
    }

    [Fact]
    public void ANumberThatIsNoneShowsInAllThatSeesItAndInNoOtherDocument()
    {
        var layout = new AttentionCase([[40, 10]], Towers: 1, Padding: 0) { Norm = false };
        var inputs = layout.Inputs();
        inputs[0][20, TensorIndex.Ellipsis].fill_(float.NaN);
        var isNan_N = layout.Fused(inputs).isnan().any(1).data<bool>().ToArray();
        Assert.All(isNan_N[20..40], Assert.True);
        Assert.All(isNan_N[40..], Assert.False);
    }

    [Theory]
    [InlineData(32, ScalarType.Float32, true)]
    [InlineData(96, ScalarType.BFloat16, true)]
    [InlineData(48, ScalarType.Float32, false)]
    [InlineData(32, ScalarType.Float64, false)]
    public void HeadsAreWholePairsOfVectorsInFp32OrBf16(int headDim, ScalarType dtype, bool expected) => Assert.Equal(expected, FusedAttention.Supports(zeros([1, 8], dtype), headDim));

    private static void Check(AttentionCase layout, double? tolerance = null) => FusedLaw.Check(layout.Fused, layout.Composed, layout.Inputs(), tolerance ?? FusedLaw.Tolerance(layout.Dtype));
}
