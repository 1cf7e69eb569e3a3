using System.Collections.Immutable;

namespace MixtureOfTransformers.Data;

/// <summary>Utterances that change between text and speech at the bounds of their phrases, in the manner of SpiRit-LM (Nguyen et al. 2024).</summary>
internal static class PhraseSwitching
{
    private const double ChangeChance = 0.5; // at each bound

    /// <summary>Whether there is a bound to change at.</summary>
    public static bool IsPossible(SpeechPart speech) => speech.Phrases.Length > 1;

    /// <summary>Text and speech in turns that say the whole together, at least one of each.</summary>
    public static ImmutableArray<DocumentPart> Arrange(SpeechPart speech, bool speechFirst, SeededRandom random)
    {
        var phrases = speech.Phrases;
        var forced = 1 + random.Next(phrases.Length - 1); // a bound that changes in any case
        int[] bounds = [0, .. Enumerable.Range(1, phrases.Length - 1).Where(i => random.Chance(ChangeChance) || i == forced), phrases.Length];
        return [.. bounds.Zip(bounds.Skip(1), (first, end) => (First: first, End: end)).Select((run, i) => (i % 2 == 0) == speechFirst ? Sound(speech, run.First, run.End) : (DocumentPart)Words(phrases[run.First..run.End]))];
    }

    private static TextPart Words(ImmutableArray<SpokenPhrase> phrases) => new(string.Join(' ', phrases.Select(p => p.Text)));

    private static SpeechPart Sound(SpeechPart speech, int first, int end)
    {
        var clip = speech.Clip;
        int At(int phrase) => phrase == 0 ? 0 : phrase == speech.Phrases.Length ? clip.Samples.Length : (int)Math.Round(speech.Phrases[phrase].Start * clip.SampleRate);
        return new(clip.Slice(At(first), At(end) - At(first)));
    }
}
