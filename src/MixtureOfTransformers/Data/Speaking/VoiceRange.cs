using System.Collections.Immutable;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>The voices, rates and pitches that are drawn from, each as likely as the next.</summary>
internal sealed record VoiceRange(ImmutableArray<string> Voices, int SlowestRate, int FastestRate, int LowestPitch, int HighestPitch)
{
    public EspeakVoice Draw(SeededRandom random) => new(random.Pick(Voices), Between(random, SlowestRate, FastestRate), Between(random, LowestPitch, HighestPitch));

    private static int Between(SeededRandom random, int low, int high) => low + random.Next(high - low + 1);
}
