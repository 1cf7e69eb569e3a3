using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

public sealed class SplitRuleTests
{
    private static readonly Document[] Documents = [.. Enumerable.Range(0, 4000).Select(i => new Document($"line {i}", [new TextPart($"text {i}")]))];

    [Fact]
    public void FractionIsKept() => Assert.InRange(Documents.Count(d => SplitRule.SideOf(d, 0.1) == DataSplit.Validation), 340, 460);

    [Fact]
    public void LargerFractionOnlyAddsValidationDocuments() =>
        Assert.All(Documents.Where(d => SplitRule.SideOf(d, 0.1) == DataSplit.Validation), d => Assert.Equal(DataSplit.Validation, SplitRule.SideOf(d, 0.2)));

    [Fact]
    public void ZeroAndOneAreEverything()
    {
        Assert.All(Documents, d => Assert.Equal(DataSplit.Train, SplitRule.SideOf(d, 0)));
        Assert.All(Documents, d => Assert.Equal(DataSplit.Validation, SplitRule.SideOf(d, 1)));
    }

    [Fact]
    public void KeyDecidesBeforeContent()
    {
        var sides = Documents.Select(d => SplitRule.SideOf(d with { SplitKey = "same" }, 0.5)).Distinct();
        Assert.Single(sides);
    }

    [Fact]
    public void SameImageIsOnTheSameSideWhateverItsCaption()
    {
        var image = new ImagePart(new PixelImage(1, 1, 3, [1, 2, 3]));
        var sides = Documents.Select(d => SplitRule.SideOf(d with { Parts = [.. d.Parts, image] }, 0.5)).Distinct();
        Assert.Single(sides);
    }

    [Fact]
    public void SameImageIsOnTheSameSideWhateverIsSaidOfIt()
    {
        var image = new ImagePart(new PixelImage(1, 1, 3, [1, 2, 3]));
        var sides = Enumerable.Range(0, 50).Select(i => SplitRule.SideOf(new("", [image, new SpeechPart(new([i / 50f], 8000))]), 0.5)).Distinct();
        Assert.Single(sides);
    }
}
