namespace MixtureOfTransformers.Data.Speaking;

/// <summary>The documents of another source, captions and images, with some captions spoken by <c>espeak-ng</c> too: caption, image and speech of the same thing.</summary>
internal sealed class SpokenCaptionSource : IDocumentSource
{
    private static readonly VoiceRange _voices = new SpokenWordsRecipe().VoiceRange;

    private readonly IDocumentSource _captions;
    private readonly double _share;
    private readonly long _seed;
    private readonly Speaker _speaker;

    /// <param name="captions">The other source.</param>
    /// <param name="share">The share of its captions that are spoken.</param>
    /// <param name="recipe">The recipe that it is part of.</param>
    /// <param name="program">Speaks; found on the path when null.</param>
    /// <exception cref="Storage.MotException"><c>espeak-ng</c> is not installed.</exception>
    public SpokenCaptionSource(IDocumentSource captions, double share, DataRecipe recipe, EspeakProgram? program = null) =>
        (_captions, _share, _seed, _speaker) = (captions, share, recipe.Seed, new(program ?? EspeakProgram.Find(), recipe.SampleRate, recipe.Interleave > 0));

    public string Name => _captions.Name;

    public long? EstimatedCount => _captions.EstimatedCount;

    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        var index = 0L;
        foreach (var documents in _captions.Read(problems, cancellationToken).Chunk(Speaker.AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var drawn = documents.Select(document => Draw(document, new(_seed, index++, 5))).ToArray();
            var spoken = new Queue<SpeechPart>(_speaker.Speak([.. drawn.OfType<(string, EspeakVoice)>()]));
            for (var i = 0; i < documents.Length; i++)
                yield return drawn[i] is null ? documents[i] : documents[i] with { Parts = documents[i].Parts.Add(spoken.Dequeue()) };
        }
    }

    /// <summary>What is said of a document, and in which voice; null for nothing.</summary>
    private (string Words, EspeakVoice Voice)? Draw(Document document, SeededRandom random) =>
        document.Parts is [TextPart text, ImagePart] && random.Chance(_share) ? (text.Text, _voices.Draw(random)) : null;
}
