using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Ids back to parts, the inverse of the layout in training: text ids between images become one text part, BOI, codes, EOI an image.</summary>
/// <param name="vocabulary">The joint vocabulary.</param>
/// <param name="decodeText">Ids of the text range to text; special tokens are taken out before.</param>
/// <param name="decodeImages">Codebook entries (from 0) to images, all images at once; null where there are no images.</param>
public sealed class DocumentDetokenizer(Vocabulary vocabulary, Func<int[], string> decodeText, Func<IReadOnlyList<int[]>, IReadOnlyList<PixelImage>>? decodeImages = null)
{
    private readonly VocabularyRange? _image = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Image);

    private readonly HashSet<int> _special = [.. vocabulary.Ranges.SelectMany(r => new[] { r.BeginId, r.EndId }), vocabulary.BeginOfSequence, vocabulary.EndOfSequence, vocabulary.Padding];

    /// <summary>The ids it reads.</summary>
    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The parts of every sequence; all their images go to the image tokenizer in one call.</summary>
    /// <param name="sequences">Ids; each image complete.</param>
    /// <returns>Parts in order; no empty text.</returns>
    /// <exception cref="MotException">An id is neither text nor image, an image is incomplete, or there is no image tokenizer.</exception>
    public IReadOnlyList<ImmutableArray<DocumentPart>> Detokenize(IReadOnlyList<IReadOnlyList<int>> sequences)
    {
        var blocks = sequences.Select(Blocks).ToList();
        var codes = blocks.SelectMany(b => b).Where(b => b.IsImage).Select(b => b.Ids).ToList();
        var images = new Queue<PixelImage>(codes.Count == 0 ? [] : DecodeImages(codes));
        return [.. blocks.Select(list => list.Select(block => block.IsImage ? new ImagePart(images.Dequeue()) : (DocumentPart)new TextPart(decodeText(block.Ids))).ToImmutableArray())];
    }

    private IReadOnlyList<PixelImage> DecodeImages(List<int[]> codes) => decodeImages?.Invoke(codes)
        ?? throw new MotException("the model generated an image, but there is no image tokenizer to draw it; give one, or forbid images");

    private List<(bool IsImage, int[] Ids)> Blocks(IReadOnlyList<int> ids)
    {
        var blocks = new List<(bool IsImage, int[] Ids)>();
        for (var at = 0; at < ids.Count;)
        {
            if (ids[at] == _image?.BeginId)
            {
                blocks.Add((true, Codes(ids, at + 1, _image)));
                at += _image.BlockLength + 2;
                continue;
            }
            var text = new List<int>();
            for (; at < ids.Count && ids[at] != _image?.BeginId; at++)
                if (!_special.Contains(ids[at]))
                    text.Add(vocabulary.Ranges[0].Contains(ids[at]) ? ids[at] : throw new MotException($"token id {ids[at]} is no text and stands outside an image; the ids and the tokenizers do not belong together"));
            if (text.Count > 0)
                blocks.Add((false, [.. text]));
        }
        return blocks;
    }

    private static int[] Codes(IReadOnlyList<int> ids, int from, VocabularyRange image)
    {
        var codes = ids.Skip(from).Take(image.BlockLength).Select(id => id - image.Offset).ToArray();
        return codes.Length == image.BlockLength && codes.All(c => (uint)c < (uint)image.Count) && ids.Skip(from + codes.Length).FirstOrDefault(-1) == image.EndId ? codes
            : throw new MotException($"the image that begins at token {from} is not {image.BlockLength} codes and end-of-image {image.EndId}; only complete images can be drawn");
    }
}
