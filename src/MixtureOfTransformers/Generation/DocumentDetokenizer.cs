using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Ids back to parts, the inverse of the layout in training: text ids between other parts become one text part, BOI, codes, EOI an image, and codes between the markers of
/// speech a clip.</summary>
/// <param name="vocabulary">The joint vocabulary.</param>
/// <param name="decodeText">Ids of the text range to text; special tokens are taken out before.</param>
/// <param name="decodeImages">Codebook entries (from 0) to images, all images at once; null where there are no images.</param>
/// <param name="decodeSpeech">Codebook entries (from 0) to a clip; null where there is no speech.</param>
/// <param name="decodePatches">The patches of each image to the images, all images at once, where they are vectors; null where they are not.</param>
public sealed class DocumentDetokenizer(Vocabulary vocabulary, Func<int[], string> decodeText, Func<IReadOnlyList<int[]>, IReadOnlyList<PixelImage>>? decodeImages = null,
    Func<int[], AudioClip>? decodeSpeech = null, Func<IReadOnlyList<ImagePatches>, IReadOnlyList<PixelImage>>? decodePatches = null)
{
    private readonly VocabularyRange[] _ranges = [.. vocabulary.Ranges.Where(r => r.BeginId >= 0)];

    private readonly HashSet<int> _special = [.. vocabulary.Ranges.SelectMany(r => new[] { r.BeginId, r.EndId }), vocabulary.BeginOfSequence, vocabulary.EndOfSequence, vocabulary.Padding];

    /// <summary>The ids it reads.</summary>
    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The parts of every sequence; all their images go to the image tokenizer in one call.</summary>
    /// <param name="sequences">Ids; each image and each stretch of speech complete.</param>
    /// <param name="vectors">The numbers of each sequence's images, one token after the other, where they are vectors; null where they are not.</param>
    /// <returns>Parts in order; no empty text.</returns>
    /// <exception cref="MotException">An id belongs to no part, an image or speech is incomplete, or there is no tokenizer for it.</exception>
    public IReadOnlyList<ImmutableArray<DocumentPart>> Detokenize(IReadOnlyList<IReadOnlyList<int>> sequences, IReadOnlyList<ImmutableArray<float>>? vectors = null)
    {
        var blocks = sequences.Select(Blocks).ToList();
        var codes = blocks.SelectMany(b => b).Where(b => b.Modality == ModalityId.Image).Select(b => b.Ids).ToList();
        var images = new Queue<PixelImage>(codes.Count == 0 ? [] : vocabulary.VectorRange is null ? DecodeImages(codes) : DecodeVectors(codes, vectors ?? []));
        return [.. blocks.Select(list => list.Select(block => Part(block.Modality, block.Ids, images)).ToImmutableArray())];
    }

    private DocumentPart Part(ModalityId modality, int[] ids, Queue<PixelImage> images) =>
        modality == ModalityId.Image ? new ImagePart(images.Dequeue()) : modality == ModalityId.Speech ? new SpeechPart(DecodeSpeech(ids)) : new TextPart(decodeText(ids));

    private IReadOnlyList<PixelImage> DecodeImages(List<int[]> codes) => decodeImages?.Invoke(codes)
        ?? throw new MotException("the model generated an image, but there is no image tokenizer to draw it; give one, or forbid images");

    private IReadOnlyList<PixelImage> DecodeVectors(List<int[]> codes, IReadOnlyList<ImmutableArray<float>> vectors)
    {
        float[] numbers = [.. vectors.SelectMany(v => v)];
        var length = vocabulary.VectorRange!.VectorLength;
        if (numbers.Length != codes.Sum(c => c.Length) * length)
            throw new MotException($"there are {numbers.Length} numbers for {codes.Count} images of [{string.Join(", ", codes.Select(c => c.Length))}] patches of {length}; give the vectors of each");
        var images = new List<ImagePatches>(codes.Count);
        for (var (image, at) = (0, 0); image < codes.Count; at += codes[image++].Length * length)
            images.Add(new(codes[image][0], numbers[at..(at + (codes[image].Length * length))]));
        return decodePatches?.Invoke(images) ?? throw new MotException("the model generated an image, but there is nothing to draw its patches; give decodePatches, or forbid images");
    }

    private AudioClip DecodeSpeech(int[] codes) => decodeSpeech?.Invoke(codes)
        ?? throw new MotException("the model generated speech, but there is no speech tokenizer to play it; give one, or forbid speech");

    private List<(ModalityId Modality, int[] Ids)> Blocks(IReadOnlyList<int> ids)
    {
        var blocks = new List<(ModalityId Modality, int[] Ids)>();
        for (var at = 0; at < ids.Count;)
        {
            if (Begun(ids[at]) is { } range)
            {
                blocks.Add((range.Modality, range.BlockLength > 0 ? FixedCodes(ids, at + 1, range) : FreeCodes(ids, at + 1, range)));
                at += blocks[^1].Ids.Length + 2;
                continue;
            }
            var text = new List<int>();
            for (; at < ids.Count && Begun(ids[at]) is null; at++)
                if (!_special.Contains(ids[at]))
                    text.Add(vocabulary.Ranges[0].Contains(ids[at]) ? ids[at] : throw new MotException($"token id {ids[at]} is no text and stands outside an image or speech; the ids and the tokenizers do not belong together"));
            if (text.Count > 0)
                blocks.Add((ModalityId.Text, [.. text]));
        }
        return blocks;
    }

    private VocabularyRange? Begun(int id) => Array.Find(_ranges, r => r.BeginId == id);

    private static int[] FixedCodes(IReadOnlyList<int> ids, int from, VocabularyRange range)
    {
        var length = from < ids.Count && range.Contains(ids[from]) ? range.BlockLengthOf(ids[from]) : range.BlockLength;
        var codes = ids.Skip(from).Take(length).Select(id => id - range.Offset).ToArray();
        return codes.Length == length && codes.All(c => (uint)c < (uint)range.Count) && ids.Skip(from + codes.Length).FirstOrDefault(-1) == range.EndId ? codes
            : throw new MotException($"the {range.Modality} that begins at token {from} is not {length} codes and end-of-{range.Modality} {range.EndId}; only complete ones can be decoded");
    }

    private static int[] FreeCodes(IReadOnlyList<int> ids, int from, VocabularyRange range)
    {
        var codes = ids.Skip(from).TakeWhile(range.Contains).Select(id => id - range.Offset).ToArray();
        return codes.Length > 0 && ids.Skip(from + codes.Length).FirstOrDefault(-1) == range.EndId ? codes
            : throw new MotException($"the {range.Modality} that begins at token {from} does not end with end-of-{range.Modality} {range.EndId}; only complete ones can be decoded");
    }
}
