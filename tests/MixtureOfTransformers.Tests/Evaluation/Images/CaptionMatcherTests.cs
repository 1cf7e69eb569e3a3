using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Images;
using TorchSharp;

namespace MixtureOfTransformers.Tests.Evaluation.Images;

public sealed class CaptionMatcherTests
{
    private static readonly string[] Colours = ["red", "green", "blue"];

    [Fact]
    public void ImagesFitTheirCaptionsAndNewWordsThatLookLikeThem()
    {
        using var matcher = CaptionMatcher.Train([.. Enumerable.Range(0, 60).Select(i => ($"a {Colours[i % 3]} image", Image(i % 3, i)))], seed: 1, steps: 80);
        PixelImage[] images = [.. Enumerable.Range(100, 30).Select(i => Image(i % 3, i))];
        double Score(Func<int, string> caption) => matcher.Score(images, [.. Enumerable.Range(100, 30).Select(caption)]);
        var right = Score(i => $"a {Colours[i % 3]} image");
        Assert.InRange(right, 0.5, 1);
        Assert.InRange(Score(i => $"{Colours[i % 3]}dish images"), Score(i => $"{Colours[(i + 1) % 3]}dish images") + 0.3, right);
        Assert.InRange(Score(i => $"a {Colours[(i + 1) % 3]} image"), -1, 0.3);
        Assert.InRange(matcher.Best(images, [.. Colours.Select(c => $"a {c} image")]).Where((caption, i) => caption == $"a {Colours[(i + 100) % 3]} image").Count(), 28, 30);
    }

    [Fact]
    public void RealImagesLieNearerThanOthers()
    {
        using var matcher = CaptionMatcher.Train([.. Enumerable.Range(0, 60).Select(i => ($"a {Colours[i % 3]} image", Image(i % 3, i)))], seed: 1, steps: 30);
        using var held = matcher.Of([.. Enumerable.Range(100, 40).Select(i => Image(i % 3, i))]);
        using var real = matcher.Of([.. Enumerable.Range(200, 40).Select(i => Image(i % 3, i))]);
        using var onlyRed = matcher.Of([.. Enumerable.Range(200, 40).Select(i => Image(0, i))]);
        Assert.Equal([40, MatcherNetwork.FeatureCount], held.shape);
        Assert.True(5 * FrechetDistance.Between(real, held) < FrechetDistance.Between(onlyRed, held));
    }

    [Fact]
    public void ImagesOfSeveralSizesAreJudgedEachByItselfAndInOrder()
    {
        PixelImage[] images = [.. Enumerable.Range(0, 12).Select(i => Image(i % 3, i)), .. Enumerable.Range(0, 6).Select(i => new PixelImage(8, 12, 3, [.. Enumerable.Range(0, 288).Select(s => (byte)(s * (i + 5)))]))];
        PixelImage[] mixed = [.. images.Index().OrderBy(i => i.Index % 5).Select(i => i.Item)];
        using var matcher = CaptionMatcher.Train([.. images.Select((image, i) => ($"a {Colours[i % 3]} image", image))], seed: 1, steps: 3);
        using var together = matcher.Of(mixed);
        for (var i = 0; i < mixed.Length; i++)
        {
            using var alone = matcher.Of([mixed[i]]);
            Assert.True((together[i] - alone[0]).abs().max().ToSingle() < 1e-4);
        }
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (var matcher = CaptionMatcher.Train([("a", Image(0, 1)), ("b", Image(1, 2))], seed: 1, steps: 2))
            matcher.Score([Image(0, 3)], ["a"]);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    /// <summary>8x8 pixels of one colour with some noise.</summary>
    private static PixelImage Image(int colour, int seed)
    {
        var random = new SeededRandom(seed);
        return new(8, 8, 3, [.. Enumerable.Range(0, 192).Select(i => (byte)((i % 3 == colour ? 180 : 20) + random.Next(50)))]);
    }
}
