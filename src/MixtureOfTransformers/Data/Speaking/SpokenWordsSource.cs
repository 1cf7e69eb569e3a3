using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>Words spoken by <c>espeak-ng</c> in many voices, rates and pitches; a document is the words and then the sound. Document <c>i</c> depends on the seed and <c>i</c> alone.</summary>
public sealed class SpokenWordsSource : IDocumentSource
{
    private readonly SpokenWordsRecipe _recipe;
    private readonly long _seed;
    private readonly Speaker _speaker;

    /// <summary>A source for the given words.</summary>
    /// <param name="recipe">What is said, in which voices.</param>
    /// <param name="sampleRate">Samples per second of the clips that come out.</param>
    /// <param name="seed">Another seed gives other draws.</param>
    /// <param name="byPhrase">Whether two words at a time are spoken by themselves, so that the times of <see cref="SpeechPart.Phrases"/> are known.</param>
    /// <exception cref="MotException"><c>espeak-ng</c> is not installed.</exception>
    public SpokenWordsSource(SpokenWordsRecipe recipe, int sampleRate, long seed, bool byPhrase = false) : this(recipe, seed, new Speaker(EspeakProgram.Find(), sampleRate, byPhrase)) { }

    internal SpokenWordsSource(SpokenWordsRecipe recipe, long seed, Speaker speaker) => (_recipe, _seed, _speaker) = (recipe, seed, speaker);

    /// <inheritdoc/>
    public string Name => "spoken_words";

    /// <inheritdoc/>
    public long? EstimatedCount => _recipe.Count;

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        for (var first = 0L; first < _recipe.Count; first += Speaker.AtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = first;
            var drawn = Enumerable.Range(0, (int)Math.Min(Speaker.AtOnce, _recipe.Count - first)).Select(i => Draw(start + i)).ToArray();
            foreach (var (i, speech) in _speaker.Speak(drawn).Index())
                yield return new($"spoken_words: {first + i}", [new TextPart(drawn[i].Words), speech]) { SplitKey = $"{drawn[i].Words} {drawn[i].Voice}" };
        }
    }

    private (string Words, EspeakVoice Voice) Draw(long index)
    {
        var random = new SeededRandom(_seed, index, 2);
        return (random.Pick(_recipe.Words), _recipe.VoiceRange.Draw(random));
    }
}
