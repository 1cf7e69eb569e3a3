namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Counts the errors of a transcript.</summary>
internal static class WordErrors
{
    /// <summary>The fewest words to put in, leave out or replace that make one text of the other (Levenshtein 1966), letter case aside.</summary>
    public static int Count(string said, string written)
    {
        var (reference, transcript) = (Words(said), Words(written));
        var distances = Enumerable.Range(0, transcript.Length + 1).ToArray();
        for (var i = 1; i <= reference.Length; i++)
        {
            var diagonal = distances[0];
            distances[0] = i;
            for (var j = 1; j <= transcript.Length; j++)
            {
                var replaced = diagonal + (reference[i - 1] == transcript[j - 1] ? 0 : 1);
                diagonal = distances[j];
                distances[j] = Math.Min(replaced, Math.Min(distances[j], distances[j - 1]) + 1);
            }
        }
        return distances[^1];
    }

    /// <summary>The words of a text, in lower case.</summary>
    public static string[] Words(string text) => text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
