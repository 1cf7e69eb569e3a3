namespace MixtureOfTransformers.Tokenizers;

/// <summary>How evenly codes are used.</summary>
internal static class CodebookUse
{
    /// <summary>How often each code occurs.</summary>
    public static long[] Count(IEnumerable<int[]> codes, int codebookSize)
    {
        var counts = new long[codebookSize];
        foreach (var code in codes.SelectMany(c => c))
            counts[code]++;
        return counts;
    }

    /// <summary>How many equally frequent codes would say as much; 0 where there are none.</summary>
    public static double Perplexity(double[] counts)
    {
        var sum = counts.Sum();
        return sum > 0 ? Math.Exp(-counts.Where(c => c > 0).Sum(c => c / sum * Math.Log(c / sum))) : 0;
    }
}
