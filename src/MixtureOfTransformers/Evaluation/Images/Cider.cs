namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>How like its reference a caption is, where rare words count more (CIDEr-D, Vedantam et al. 2015): ten times the mean, over stretches of one to four words, of the cosine of the two
/// captions' TF-IDF vectors, clipped where a caption repeats itself and reduced where its length differs.</summary>
public static class Cider
{
    private const int Order = 4;
    private const double LengthDeviation = 6; // words
    private const double Scale = 10;

    /// <summary>Measures.</summary>
    /// <param name="captions">To be judged.</param>
    /// <param name="references">One for each; how rare a stretch of words is, is counted in these.</param>
    /// <returns>The mean over the captions: 0 to 10; captions of one word reach 10/4, as they have no longer stretches.</returns>
    public static double OfCorpus(IReadOnlyList<string> captions, IReadOnlyList<string> references)
    {
        string[][] truths = [.. references.Select(CaptionWords.Of)];
        var documents = Enumerable.Range(1, Order).SelectMany(length => truths.SelectMany(t => CaptionWords.Stretches(t, length).Keys)).CountBy(stretch => stretch).ToDictionary();
        return captions.Zip(truths, (caption, truth) => Of(CaptionWords.Of(caption), truth)).DefaultIfEmpty().Average();

        double Of(string[] caption, string[] truth)
        {
            var difference = caption.Length - truth.Length;
            var likeness = Enumerable.Range(1, Order).Average(length => Cosine(Weights(caption, length), Weights(truth, length)));
            return Scale * likeness * Math.Exp(-difference * difference / (2 * LengthDeviation * LengthDeviation));
        }

        Dictionary<string, double> Weights(string[] words, int length) =>
            CaptionWords.Stretches(words, length).ToDictionary(s => s.Key, s => s.Value * Math.Log((double)truths.Length / documents.GetValueOrDefault(s.Key, 1)));
    }

    private static double Cosine(Dictionary<string, double> caption, Dictionary<string, double> truth)
    {
        var norm = Norm(caption) * Norm(truth);
        return norm == 0 ? 0 : caption.Sum(s => Math.Min(s.Value, truth.GetValueOrDefault(s.Key)) * truth.GetValueOrDefault(s.Key)) / norm;
    }

    private static double Norm(Dictionary<string, double> weights) => Math.Sqrt(weights.Values.Sum(w => w * w));
}
