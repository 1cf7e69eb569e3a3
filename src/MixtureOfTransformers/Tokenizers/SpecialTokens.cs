using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The names of the special tokens. They come first in the vocabulary and belong to text; no text encodes to them.</summary>
public static class SpecialTokens
{
    /// <summary>Opens a document (BOS).</summary>
    public const string BeginOfSequence = "<s>";

    /// <summary>Closes a document (EOS).</summary>
    public const string EndOfSequence = "</s>";

    /// <summary>Fills unused positions.</summary>
    public const string Padding = "<pad>";

    /// <summary>Opens a block of a modality: <c>&lt;boi&gt;</c> for images, <c>&lt;begin_name&gt;</c> for others.</summary>
    public static string Begin(ModalityId modality) => modality == ModalityId.Image ? "<boi>" : $"<begin_{modality}>";

    /// <summary>Closes a block of a modality: <c>&lt;eoi&gt;</c> for images, <c>&lt;end_name&gt;</c> for others.</summary>
    public static string End(ModalityId modality) => modality == ModalityId.Image ? "<eoi>" : $"<end_{modality}>";

    /// <summary>All special tokens of a vocabulary with the given modalities beside text, in id order.</summary>
    public static IEnumerable<string> For(IEnumerable<ModalityId> modalities) =>
        [BeginOfSequence, EndOfSequence, Padding, .. modalities.SelectMany(m => new[] { Begin(m), End(m) })];
}
