using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>The ids that may be drawn, ascending, in text and inside an image. Never BOS, padding, or ids that open, close or fill blocks of other modalities.</summary>
internal sealed class AllowedTokens
{
    private readonly int[] _image = [];
    private readonly int[][] _text = new int[4][];

    /// <exception cref="MotException">Images of this vocabulary have no fixed length.</exception>
    public AllowedTokens(Vocabulary vocabulary)
    {
        var image = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Image);
        if (image is { BlockLength: < 1 })
            throw new MotException("images of this vocabulary have no fixed number of codes; set block_length of its image range to the codes per image");
        if (image is not null)
            _image = [.. Enumerable.Range(image.Offset, image.Count)];

        var special = vocabulary.Ranges.SelectMany(r => new[] { r.BeginId, r.EndId }).Concat([vocabulary.BeginOfSequence, vocabulary.EndOfSequence, vocabulary.Padding]).ToHashSet();
        var plain = Enumerable.Range(0, vocabulary.Ranges[0].Count).Where(id => !special.Contains(id)).ToArray();
        for (var choice = 0; choice < _text.Length; choice++)
        {
            int[] begin = (choice & 1) != 0 && image is not null ? [image.BeginId] : [];
            int[] end = (choice & 2) != 0 ? [vocabulary.EndOfSequence] : [];
            _text[choice] = [.. plain.Concat(begin).Concat(end).Order()];
        }
    }

    /// <summary>Inside an image: its codes.</summary>
    public ReadOnlySpan<int> InImage => _image;

    /// <summary>In text: ordinary text, and where they are allowed BOI and EOS.</summary>
    public ReadOnlySpan<int> InText(bool mayBeginImage, bool mayEnd) => _text[(mayBeginImage ? 1 : 0) + (mayEnd ? 2 : 0)];
}
