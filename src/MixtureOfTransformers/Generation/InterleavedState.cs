using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Where a sequence stands: in text, or inside a block of another modality. The state machine of Chameleon (SPEC §4): after BOI exactly n image codes,
/// then EOI, then text again; a block whose length is free, such as speech, is one code or more until its end token.</summary>
/// <param name="vocabulary">The joint vocabulary; without other modalities everything is text.</param>
public sealed class InterleavedState(Vocabulary vocabulary)
{
    private readonly VocabularyRange[] _blocks = [.. vocabulary.Ranges.Where(r => r.BeginId >= 0)];
    private VocabularyRange? _open;
    private int _codes; // in the open block
    private int _length; // of the open block; 0 where it is free

    /// <summary>The modality of the open block, or null in text.</summary>
    public ModalityId? Inside => _open?.Modality;

    /// <summary>Whether BOI has come and EOI has not.</summary>
    public bool InImage => Inside == ModalityId.Image;

    /// <summary>Whether speech has begun and not ended.</summary>
    public bool InSpeech => Inside == ModalityId.Speech;

    /// <summary>Whether the open block may end here: it has as many codes as it must have, or one where the length is free.</summary>
    public bool MayClose => _open is not null && (HasFixedLength ? _codes == _length : _codes > 0);

    /// <summary>Tokens until the open block can be closed, its end token included; 0 in text.</summary>
    public int TokensToClose => _open is null ? 0 : Math.Max(0, (HasFixedLength ? _length : 1) - _codes) + 1;

    /// <summary>The only token that may follow (EOI after the last code), or null where there is a choice.</summary>
    public int? Forced => MayClose && HasFixedLength ? _open!.EndId : null;

    private bool HasFixedLength => _length > 0;

    /// <summary>Moves past <paramref name="token"/>.</summary>
    /// <exception cref="MotException">The token cannot stand here.</exception>
    public void Accept(int token)
    {
        if (token < 0 || token >= vocabulary.Size)
            throw new MotException($"token id {token} is outside the vocabulary of {vocabulary.Size} ids; the prompt and the model do not belong together");
        if (_open is not null)
            AcceptInside(token, _open);
        else if (Array.Find(_blocks, b => b.BeginId == token) is { } begun)
            (_open, _codes, _length) = (begun, 0, begun.BlockLength);
        else if (Array.Find(_blocks, b => b.EndId == token || b.Contains(token)) is { } block)
            throw new MotException($"token id {token} belongs inside {Name(block)}, but no {block.Modality} is open; put {Begin(block)} {block.BeginId} before the codes");
    }

    private void AcceptInside(int token, VocabularyRange block)
    {
        if (token == block.EndId && MayClose)
            _open = null;
        else if (block.Contains(token) && !(HasFixedLength && MayClose))
            (_codes, _length) = (_codes + 1, block.BlockLengthOf(token));
        else
            throw new MotException(HasFixedLength
                ? $"token id {token} stands inside {Name(block)} with {_length - _codes} codes to come; {Name(block)} is exactly {_length} codes and then {End(block)} {block.EndId}"
                : $"token id {token} stands inside {Name(block)} after {_codes} codes; {Name(block)} is one code or more and then {End(block)} {block.EndId}");
    }

    private static string Name(VocabularyRange block) => block.Modality == ModalityId.Image ? "an image" : block.Modality.Name;

    private static string Begin(VocabularyRange block) => $"begin-of-{block.Modality}";

    private static string End(VocabularyRange block) => $"end-of-{block.Modality}";
}
