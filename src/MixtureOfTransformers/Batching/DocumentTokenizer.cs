using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>Lays documents out as BOS, the parts in order, EOS; a text part is its ids, an image is BOI, its codes moved to the image range, EOI; speech is
/// the same with its own markers, and as many codes as it lasts.</summary>
public sealed class DocumentTokenizer : IDocumentTokenizer
{
    private readonly Func<string, int[]> _encodeText;
    private readonly Func<IReadOnlyList<PixelImage>, IReadOnlyList<int[]>>? _encodeImages;
    private readonly Func<AudioClip, int[]>? _encodeSpeech;
    private readonly Func<IReadOnlyList<PixelImage>, IReadOnlyList<ImagePatches>>? _encodePatches;
    private readonly byte[] _modalityOf;

    /// <summary>A tokenizer from its parts.</summary>
    /// <param name="vocabulary">The joint vocabulary.</param>
    /// <param name="fingerprint">See <see cref="IDocumentTokenizer.Fingerprint"/>.</param>
    /// <param name="encodeText">Text to ids of the text range.</param>
    /// <param name="encodeImages">Images to codebook entries (from 0), all images at once; null where there are no images.</param>
    /// <param name="encodeSpeech">A clip to codebook entries (from 0); null where there is no speech.</param>
    /// <param name="encodePatches">Images to their patches, all images at once, where they are vectors; null where they are not.</param>
    public DocumentTokenizer(Vocabulary vocabulary, string fingerprint, Func<string, int[]> encodeText, Func<IReadOnlyList<PixelImage>, IReadOnlyList<int[]>>? encodeImages = null,
        Func<AudioClip, int[]>? encodeSpeech = null, Func<IReadOnlyList<PixelImage>, IReadOnlyList<ImagePatches>>? encodePatches = null)
    {
        Vocabulary = vocabulary.Validate();
        (Fingerprint, _encodeText, _encodeImages, _encodeSpeech, _encodePatches) = (fingerprint, encodeText, encodeImages, encodeSpeech, encodePatches);
        _modalityOf = [.. Enumerable.Range(0, vocabulary.Size).Select(vocabulary.ModalityIndexOf)];
    }

    /// <summary>A tokenizer over a set, which stays the caller's.</summary>
    public static DocumentTokenizer Of(TokenizerSet tokenizers) =>
        new(tokenizers.Vocabulary, tokenizers.Fingerprint, tokenizers.Text.Encode, tokenizers.Image is { } image ? image.Encode : null, tokenizers.Speech is { } speech ? speech.Encode : null,
            tokenizers.Patches is { } patches ? patches.Encode : null);

    /// <inheritdoc/>
    public Vocabulary Vocabulary { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>Tokenizes each document; all their images go to the image tokenizer in one call.</summary>
    /// <exception cref="MotException">A part's modality is not in the vocabulary, or a tokenizer gives ids that the vocabulary does not have.</exception>
    public IReadOnlyList<TokenSequence> Tokenize(IReadOnlyList<Document> documents)
    {
        PixelImage[] images = [.. documents.SelectMany(d => d.Parts.OfType<ImagePart>()).Select(p => p.Image)];
        if (_encodePatches is not null)
        {
            var patches = new Queue<ImagePatches>(Encoded(images, _encodePatches));
            return [.. documents.Select(d => Tokenize(d, [], patches))];
        }
        var codes = new Queue<int[]>(images.Length == 0 ? [] : Encoded(images, _encodeImages
            ?? throw new MotException("the documents hold images, but there is no image tokenizer; train one or leave the images out of the data recipe")));
        return [.. documents.Select(d => Tokenize(d, codes, []))];
    }

    private static IReadOnlyList<T> Encoded<T>(PixelImage[] images, Func<IReadOnlyList<PixelImage>, IReadOnlyList<T>> encode)
    {
        var codes = encode(images);
        return codes.Count == images.Length ? codes : throw new MotException($"the image tokenizer gave codes for {codes.Count} of {images.Length} images");
    }

    private int[] EncodeSpeech(SpeechPart speech) => _encodeSpeech?.Invoke(speech.Clip)
        ?? throw new MotException("the documents hold speech, but there is no speech tokenizer; train one or leave the speech out of the data recipe");

    private TokenSequence Tokenize(Document document, Queue<int[]> codes, Queue<ImagePatches> patches)
    {
        var ids = new List<int> { Vocabulary.BeginOfSequence };
        var vectors = new List<float>();
        foreach (var part in document.Parts)
        {
            if (part is TextPart text)
                Append(ids, _encodeText(text.Text), Vocabulary.Range(ModalityId.Text), document);
            else if (part is ImagePart && _encodePatches is not null)
                AppendPatches(ids, vectors, patches.Dequeue(), document);
            else if (part is ImagePart)
                Append(ids, codes.Dequeue(), Vocabulary.Range(ModalityId.Image), document);
            else if (part is SpeechPart speech)
                Append(ids, EncodeSpeech(speech), Vocabulary.Range(ModalityId.Speech), document);
            else
                throw new MotException($"{document.Name}: there is no tokenizer for {part.Modality}");
        }
        ids.Add(Vocabulary.EndOfSequence);
        return new([.. ids], [.. ids.Select(id => _modalityOf[id])], [.. vectors]);
    }

    /// <summary>The id of image patches of that size, as often as there are patches, and their numbers.</summary>
    private void AppendPatches(List<int> ids, List<float> vectors, ImagePatches patches, Document document)
    {
        var range = Vocabulary.Range(ModalityId.Image);
        if (range.VectorLength == 0 || patches.Numbers.Length % range.VectorLength != 0)
            throw new MotException($"{document.Name}: {patches.Numbers.Length} numbers are not patches of {range.VectorLength}; the data and the tokenizers do not belong together");
        Append(ids, [.. Enumerable.Repeat(patches.SizeIndex, patches.Numbers.Length / range.VectorLength)], range, document);
        vectors.AddRange(patches.Numbers);
    }

    private static void Append(List<int> ids, int[] codes, VocabularyRange range, Document document)
    {
        if (Array.Find(codes, code => (uint)code >= (uint)range.Count) is var wrong && (uint)wrong >= (uint)range.Count)
            throw new MotException($"{document.Name}: {range.Modality} token {wrong} is outside the vocabulary's {range.Count}; the data and the tokenizers do not belong together");
        var expected = range.BlockLengthOf(range.Offset + codes.FirstOrDefault());
        if (expected > 0 && codes.Length != expected)
            throw new MotException($"{document.Name}: {codes.Length} {range.Modality} tokens, but the vocabulary says {expected}; the data and the tokenizers do not belong together");
        if (range.BeginId >= 0)
            ids.Add(range.BeginId);
        ids.AddRange(codes.Select(code => range.Offset + code));
        if (range.EndId >= 0)
            ids.Add(range.EndId);
    }
}
