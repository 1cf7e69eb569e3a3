namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>How many of the stretches of words in captions are also in their references (Papineni et al. 2002): over a whole corpus, the geometric mean of the precisions of stretches of one to
/// <c>order</c> words, times a penalty where the captions are shorter than the references.</summary>
public static class Bleu
{
    /// <summary>Longest stretches that are usual: BLEU-4.</summary>
    public const int UsualOrder = 4;

    /// <summary>Measures.</summary>
    /// <param name="captions">To be judged.</param>
    /// <param name="references">One for each.</param>
    /// <param name="order">Words of the longest stretches; references that are all shorter give 0.</param>
    /// <returns>0 to 1.</returns>
    public static double OfCorpus(IReadOnlyList<string> captions, IReadOnlyList<string> references, int order = UsualOrder)
    {
        (string[] Caption, string[] Reference)[] pairs = [.. captions.Zip(references, (c, r) => (CaptionWords.Of(c), CaptionWords.Of(r)))];
        var logarithms = 0.0;
        for (var length = 1; length <= order; length++)
        {
            var (right, all) = (0, 0);
            foreach (var (caption, reference) in pairs)
            {
                var known = CaptionWords.Stretches(reference, length);
                foreach (var (stretch, count) in CaptionWords.Stretches(caption, length))
                    (right, all) = (right + Math.Min(count, known.GetValueOrDefault(stretch)), all + count);
            }
            if (right == 0)
                return 0;
            logarithms += Math.Log((double)right / all);
        }
        var (written, wanted) = (pairs.Sum(p => p.Caption.Length), pairs.Sum(p => p.Reference.Length));
        return Math.Exp((logarithms / order) + Math.Min(0, 1 - ((double)wanted / written)));
    }
}
