using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>The ids that may be drawn, ascending, in text, inside an image and inside speech. Never BOS, padding, or ids that open, close or fill blocks of other modalities.</summary>
internal sealed class AllowedTokens
{
    private readonly int[] _image = [];
    private readonly int[] _speech = [];
    private readonly int[] _speechOrEnd = [];
    private readonly int[][] _text = new int[8][];

    /// <exception cref="MotException">Images of this vocabulary have no fixed length.</exception>
    public AllowedTokens(Vocabulary vocabulary)
    {
        var image = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Image);
        var speech = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Speech);
        if (image is { BlockLength: < 1 })
            throw new MotException("images of this vocabulary have no fixed number of codes; set block_length of its image range to the codes per image");
        if (image is not null)
            _image = [.. Enumerable.Range(image.Offset, image.Count)];
        if (speech is not null)
            (_speech, _speechOrEnd) = ([.. Enumerable.Range(speech.Offset, speech.Count)], [speech.EndId, .. Enumerable.Range(speech.Offset, speech.Count)]);

        var special = vocabulary.Ranges.SelectMany(r => new[] { r.BeginId, r.EndId }).Concat([vocabulary.BeginOfSequence, vocabulary.EndOfSequence, vocabulary.Padding]).ToHashSet();
        var plain = Enumerable.Range(0, vocabulary.Ranges[0].Count).Where(id => !special.Contains(id)).ToArray();
        for (var choice = 0; choice < _text.Length; choice++)
        {
            int[] beginImage = (choice & 1) != 0 && image is not null ? [image.BeginId] : [];
            int[] end = (choice & 2) != 0 ? [vocabulary.EndOfSequence] : [];
            int[] beginSpeech = (choice & 4) != 0 && speech is not null ? [speech.BeginId] : [];
            _text[choice] = [.. plain.Concat(beginImage).Concat(beginSpeech).Concat(end).Order()];
        }
    }

    /// <summary>Inside an image: its codes.</summary>
    public ReadOnlySpan<int> InImage => _image;

    /// <summary>Inside speech: its codes, and where it may close the token that ends it.</summary>
    public ReadOnlySpan<int> InSpeech(bool mayClose) => mayClose ? _speechOrEnd : _speech;

    /// <summary>In text: ordinary text, and where they are allowed the beginnings of an image and of speech, and EOS.</summary>
    public ReadOnlySpan<int> InText(bool mayBeginImage, bool mayBeginSpeech, bool mayEnd) => _text[(mayBeginImage ? 1 : 0) + (mayEnd ? 2 : 0) + (mayBeginSpeech ? 4 : 0)];
}
