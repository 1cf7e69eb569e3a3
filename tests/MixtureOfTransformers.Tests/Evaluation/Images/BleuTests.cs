using MixtureOfTransformers.Evaluation.Images;

namespace MixtureOfTransformers.Tests.Evaluation.Images;

public sealed class BleuTests
{
    [Fact]
    public void AWordCountsNoMoreOftenThanInTheReference() => // the example of the paper: 2 of 7
        Assert.Equal(2.0 / 7, Bleu.OfCorpus(["the the the the the the the"], ["The cat is on the mat."], order: 1), 1e-12);

    [Fact]
    public void PrecisionsAreMultipliedAndShortCaptionsPenalised()
    {
        // Right of all stretches of 1, 2, 3, 4 words: 5/5, 3/4, 2/3, 1/2; their product is 1/4. Five words for six: exp(1 - 6/5).
        Assert.Equal(Math.Pow(0.25, 0.25) * Math.Exp(-0.2), Bleu.OfCorpus(["a red circle on white"], ["a large red circle on white"]), 1e-12);
        Assert.Equal(0.578930, Bleu.OfCorpus(["A red circle, on white!"], ["a large red circle on white"]), 1e-6);
    }

    [Fact]
    public void StretchesAreCountedOverTheWholeCorpus() => // words 3 of 4, pairs 2 of 2, as long as the references; the mean of both captions would be (1 + 0) / 2
        Assert.Equal(Math.Sqrt(0.75), Bleu.OfCorpus(["a b c", "d"], ["a b c", "x"], order: 2), 1e-12);

    [Fact]
    public void WithoutALongStretchInCommonItIsNothing()
    {
        Assert.Equal(0, Bleu.OfCorpus(["sneaker"], ["sneaker"]));
        Assert.Equal(1, Bleu.OfCorpus(["sneaker"], ["sneaker"], order: 1));
        Assert.Equal(0, Bleu.OfCorpus([""], ["sneaker"], order: 1));
    }
}
