namespace MixtureOfTransformers.Tests.Tokenizers;

/// <summary>A little text with repetition, so that byte pairs have something to learn.</summary>
internal static class SampleText
{
    private static readonly string[] _sizes = ["small", "large", "tiny"];
    private static readonly string[] _colours = ["red", "green", "blue", "yellow"];
    private static readonly string[] _shapes = ["circle", "square", "triangle"];

    /// <summary>Sentences such as "a small red circle is above the tiny blue square."</summary>
    public static IEnumerable<string> Sentences(int count, int seed)
    {
        var random = new Random(seed);
        string Pick(string[] words) => words[random.Next(words.Length)];
        for (var i = 0; i < count; i++)
            yield return $"a {Pick(_sizes)} {Pick(_colours)} {Pick(_shapes)} is above the {Pick(_sizes)} {Pick(_colours)} {Pick(_shapes)}.\n";
    }
}
