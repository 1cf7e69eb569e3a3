using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>A recording and what is said in it.</summary>
internal sealed record SpokenExample(string Words, AudioClip Clip)
{
    /// <summary>An image of the same thing; null where there is none.</summary>
    public PixelImage? Image { get; init; }

    /// <summary>Whether a transcript says the same, letter case and outer spaces aside.</summary>
    public bool Says(string transcript) => string.Equals(transcript.Trim(), Words.Trim(), StringComparison.OrdinalIgnoreCase);
}
