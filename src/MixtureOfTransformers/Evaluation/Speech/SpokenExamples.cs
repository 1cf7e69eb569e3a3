using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Recordings with transcripts, each once: uniform samples of both sides of the data.</summary>
/// <param name="Training">Of the training side.</param>
/// <param name="HeldOut">Of the validation side, which no model has seen.</param>
internal sealed record SpokenExamples(ImmutableArray<SpokenExample> Training, ImmutableArray<SpokenExample> HeldOut)
{
    private const int MaxTraining = 4000;
    private const int MaxHeldOut = 200;
    private const int MostWords = 100;
    private const int FewestOfEach = 8; // recordings of a word, on average

    /// <summary>Reads every document with speech.</summary>
    public static SpokenExamples Read(DataRecipe data, long seed, CancellationToken cancellation)
    {
        var pairs = PairSample<SpeechPart>.Read(data, ModalityId.Speech, MaxTraining, MaxHeldOut, seed, cancellation);
        return new([.. pairs.Training.Select(p => new SpokenExample(p.Text, p.Part.Clip))],
            [.. pairs.HeldOut.Zip(pairs.HeldOutImages, (pair, image) => new SpokenExample(pair.Text, pair.Part.Clip) { Image = image })]);
    }

    /// <summary>What is said, where it is the same few words again and again; null where it is too varied to be told apart by a classifier.</summary>
    public ImmutableArray<string>? ClosedSet()
    {
        ImmutableArray<string> words = [.. Training.Select(e => e.Words).Distinct().Order(StringComparer.Ordinal)];
        return words.Length is > 1 and <= MostWords && Training.Length >= FewestOfEach * words.Length && HeldOut.All(e => words.Contains(e.Words)) ? words : null;
    }
}
