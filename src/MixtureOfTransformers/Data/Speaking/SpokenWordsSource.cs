using System.Runtime.ExceptionServices;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>Words spoken by <c>espeak-ng</c> in many voices, rates and pitches; a document is the words and then the sound. Document <c>i</c> depends on the seed and <c>i</c> alone.</summary>
public sealed class SpokenWordsSource : IDocumentSource
{
    private const int SpokenAtOnce = 64; // each is a process of its own, so that all processors help

    private readonly SpokenWordsRecipe _recipe;
    private readonly int _sampleRate;
    private readonly long _seed;
    private readonly EspeakProgram _program;

    /// <summary>A source for the given words.</summary>
    /// <param name="recipe">What is said, in which voices.</param>
    /// <param name="sampleRate">Samples per second of the clips that come out.</param>
    /// <param name="seed">Another seed gives other draws.</param>
    /// <exception cref="MotException"><c>espeak-ng</c> is not installed.</exception>
    public SpokenWordsSource(SpokenWordsRecipe recipe, int sampleRate, long seed) : this(recipe, sampleRate, seed, EspeakProgram.Find()) { }

    internal SpokenWordsSource(SpokenWordsRecipe recipe, int sampleRate, long seed, EspeakProgram program) => (_recipe, _sampleRate, _seed, _program) = (recipe, sampleRate, seed, program);

    /// <inheritdoc/>
    public string Name => "spoken_words";

    /// <inheritdoc/>
    public long? EstimatedCount => _recipe.Count;

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        for (var first = 0L; first < _recipe.Count; first += SpokenAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var document in Speak(first, (int)Math.Min(SpokenAtOnce, _recipe.Count - first)))
                yield return document;
        }
    }

    private Document[] Speak(long first, int count)
    {
        var documents = new Document[count];
        try
        {
            Parallel.For(0, count, i => documents[i] = Speak(first + i));
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
        return documents;
    }

    private Document Speak(long index)
    {
        var random = new SeededRandom(_seed, index, 2);
        var words = random.Pick(_recipe.Words);
        var voice = new EspeakVoice(random.Pick(_recipe.Voices), Between(random, _recipe.SlowestRate, _recipe.FastestRate), Between(random, _recipe.LowestPitch, _recipe.HighestPitch));
        var clip = SpokenClips.Get(_program, words, voice, _sampleRate);
        return new($"spoken_words: {index}", [new TextPart(words), new SpeechPart(clip)]) { SplitKey = $"{words} {voice}" };
    }

    private static int Between(SeededRandom random, int low, int high) => low + random.Next(high - low + 1);
}
