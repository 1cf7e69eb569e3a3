using MixtureOfTransformers.Evaluation.Images;

namespace MixtureOfTransformers.Tests.Evaluation.Images;

public sealed class CiderTests
{
    private static readonly string[] Truths = ["red circle", "blue square"];

    [Fact]
    public void WhatIsSharedIsComparedByStretchesOfOneToFourWords()
    {
        // Every stretch is in one of two references: all weigh L = ln 2. The first caption is right: cosines 1, 1 and, for want of longer stretches, 0, 0: 10·2/4 = 5.
        // The second has one of two words: L² / (√2 L · √2 L) = 1/2, and no pair: 10·(1/2)/4 = 1.25.
        Assert.Equal((5 + 1.25) / 2, Cider.OfCorpus(["red circle", "red square"], Truths), 1e-12);
    }

    [Fact]
    public void RepetitionIsClippedAndOtherLengthPenalised()
    {
        // "red red circle": words (2L, L) against (L, L), clipped: (L² + L²) / (√5 L · √2 L) = 2/√10; pairs (L, L) against L: 1/√2. One word too many: exp(-1/72).
        var repeated = 10 * ((2 / Math.Sqrt(10)) + (1 / Math.Sqrt(2))) / 4 * Math.Exp(-1.0 / 72);
        Assert.Equal((repeated + 5) / 2, Cider.OfCorpus(["red red circle", "Blue square."], Truths), 1e-12);
        Assert.Equal(4.151357, Cider.OfCorpus(["red red circle", "Blue square."], Truths), 1e-6);
    }

    [Fact]
    public void WhatEveryReferenceSaysCountsNothing()
    {
        Assert.Equal(0, Cider.OfCorpus(["a bird", "a fish"], ["a cat", "a dog"]));
        // The word weighs ln(2/1) against 0 for "a": cosines of words 1 and of pairs 1.
        Assert.Equal(2.5, Cider.OfCorpus(["a cat", "a fish"], ["a cat", "a dog"]), 1e-12);
    }

    [Fact]
    public void NothingWrittenIsWorthNothing() => Assert.Equal(0, Cider.OfCorpus(["", ""], Truths));

    [Fact]
    public void WordsAreLowerCaseWithoutPunctuation() => Assert.Equal(["a", "t-shirt", "it's", "2"], CaptionWords.Of("A T-shirt, it's (2)! -"));
}
