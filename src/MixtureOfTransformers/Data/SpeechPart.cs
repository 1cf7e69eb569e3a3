using System.Collections.Immutable;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Data;

/// <summary>Speech in a document.</summary>
/// <param name="Clip">The sound, already at the rate of the data.</param>
public sealed record SpeechPart(AudioClip Clip) : DocumentPart(ModalityId.Speech)
{
    /// <summary>What is said, phrase by phrase; empty where the times are not known.</summary>
    public ImmutableArray<SpokenPhrase> Phrases { get; init; } = [];

    /// <summary>Who speaks; null where it is not known.</summary>
    public string? Speaker { get; init; }
}
