namespace MixtureOfTransformers.Data;

/// <summary>A stretch of an utterance: one word or several. It lasts until the next begins, or until the sound ends.</summary>
/// <param name="Text">What is said.</param>
/// <param name="Start">When it begins, in seconds from the start of the sound.</param>
public sealed record SpokenPhrase(string Text, double Start)
{
    /// <summary>The shortest that a recording may have, in seconds: none is without a sample.</summary>
    internal const double Shortest = 0.001;
}
