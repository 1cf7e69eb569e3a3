using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Where a sequence stands: in text, or inside an image with so many codes to come. The state machine of Chameleon (SPEC §4): after BOI exactly n
/// image codes, then EOI, then text again.</summary>
/// <param name="vocabulary">The joint vocabulary; without images everything is text.</param>
public sealed class InterleavedState(Vocabulary vocabulary)
{
    private const int InText = -1;
    private readonly VocabularyRange? _image = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Image);
    private int _codesLeft = InText;

    /// <summary>Whether BOI has come and EOI has not.</summary>
    public bool InImage => _codesLeft != InText;

    /// <summary>Tokens until the open image is closed, EOI included; 0 in text.</summary>
    public int TokensToClose => _codesLeft + 1;

    /// <summary>The only token that may follow (EOI after the last code), or null where there is a choice.</summary>
    public int? Forced => _codesLeft == 0 ? _image!.EndId : null;

    /// <summary>Moves past <paramref name="token"/>.</summary>
    /// <exception cref="MotException">The token cannot stand here.</exception>
    public void Accept(int token)
    {
        if (token < 0 || token >= vocabulary.Size)
            throw new MotException($"token id {token} is outside the vocabulary of {vocabulary.Size} ids; the prompt and the model do not belong together");
        if (_image is null)
            return;
        if (InImage)
            AcceptInImage(token, _image);
        else if (token == _image.BeginId)
            _codesLeft = _image.BlockLength;
        else if (token == _image.EndId || _image.Contains(token))
            throw new MotException($"token id {token} belongs inside an image, but no image is open; put begin-of-image {_image.BeginId} before the codes");
    }

    private void AcceptInImage(int token, VocabularyRange image)
    {
        if (_codesLeft == 0 ? token != image.EndId : !image.Contains(token))
            throw new MotException($"token id {token} stands inside an image with {_codesLeft} codes to come; an image is exactly {image.BlockLength} codes and then end-of-image {image.EndId}");
        _codesLeft--;
    }
}
