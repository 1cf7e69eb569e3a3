using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class AttentionSpansTests
{
    private const int Padding = Batch.PaddingSegment;

    [Fact]
    public void WithoutSegmentsEveryRowIsADocument()
    {
        var spans = AttentionSpans.Create([], tokenCount: 12, length: 4, Padding)!;
        Assert.Equal([0, 4, 8], spans.Starts);
        Assert.Equal([4, 4, 4], spans.Lengths);
        Assert.Equal(4, spans.Longest);
        Assert.Equal(12, spans.TokenCount);
    }

    [Fact]
    public void DocumentsEndWithTheirSegmentAndWithTheirRow()
    {
        var spans = AttentionSpans.Create([0, 0, 0, 1, 1, 2, 2, 2, 2, 2], tokenCount: 10, length: 5, Padding)!;
        Assert.Equal([0, 3, 5], spans.Starts);
        Assert.Equal([3, 2, 5], spans.Lengths);
        Assert.Equal(10, spans.TokenCount);
        var same = AttentionSpans.Create([0, 0, 0, 0], tokenCount: 4, length: 2, Padding)!;
        Assert.Equal([0, 2], same.Starts);
        Assert.Equal([2, 2], same.Lengths);
    }

    [Fact]
    public void PaddingIsInNoDocument()
    {
        var spans = AttentionSpans.Create([0, 1, 1, Padding, Padding, 0, 0, 0, 0, Padding], tokenCount: 10, length: 5, Padding)!;
        Assert.Equal([0, 1, 5], spans.Starts);
        Assert.Equal([1, 2, 4], spans.Lengths);
        Assert.Equal(4, spans.Longest);
        Assert.Equal(7, spans.TokenCount);
    }

    [Fact]
    public void RowsOfPaddingAloneHaveNoSpans() => Assert.Null(AttentionSpans.Create([Padding, Padding], tokenCount: 2, length: 2, Padding));

    [Fact]
    public void QueriesSeeUpToThemselvesOrToTheirLimit()
    {
        int[] segments = [0, 0, 1, 1, 1];
        var causal = AttentionSpans.Create(segments, 5, 5, Padding)!;
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(query => causal.Limit(1, query)));
        var limited = AttentionSpans.Create(segments, 5, 5, Padding, limits: [1, 2, 2, 2, 3])!;
        Assert.Equal([2, 2, 3], Enumerable.Range(0, 3).Select(query => limited.Limit(1, query)));
    }
}
