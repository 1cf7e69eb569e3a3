using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Puts the ids of several tokenizers into one id space.</summary>
public static class VocabularyBuilder
{
    /// <summary>Text and its special tokens first, then the image codes, then the speech codes.</summary>
    /// <param name="text">The text tokenizer.</param>
    /// <param name="image">The image tokenizer; null without images.</param>
    /// <param name="speech">The speech tokenizer; null without speech.</param>
    /// <param name="patches">Turns images into vectors, in place of <paramref name="image"/>; null without.</param>
    /// <exception cref="Storage.MotException">The text tokenizer has no begin and end tokens for images or speech.</exception>
    public static Vocabulary Build(TextTokenizer text, ImageTokenizer? image, ISpeechTokenizer? speech = null, IPatchCodec? patches = null) => new Vocabulary
    {
        Ranges =
        [
            new() { Modality = ModalityId.Text, Offset = 0, Count = text.Count },
            .. image is null && patches is null ? Array.Empty<VocabularyRange>() :
            [
                new()
                {
                    Modality = ModalityId.Image,
                    Offset = text.Count,
                    Count = image?.Config.CodebookSize ?? 1,
                    BeginId = text.SpecialId(SpecialTokens.Begin(ModalityId.Image)),
                    EndId = text.SpecialId(SpecialTokens.End(ModalityId.Image)),
                    BlockLength = image?.Config.TokenCount ?? patches!.Grid.PatchCount,
                    VectorLength = patches?.Grid.PatchDim ?? 0,
                    VectorChannels = patches?.Grid.Channels ?? 0,
                    GridColumns = patches?.Grid.Columns ?? 0,
                },
            ],
            .. speech is null ? Array.Empty<VocabularyRange>() :
            [
                new()
                {
                    Modality = ModalityId.Speech,
                    Offset = text.Count + (image?.Config.CodebookSize ?? (patches is null ? 0 : 1)),
                    Count = speech.CodebookSize,
                    BeginId = text.SpecialId(SpecialTokens.Begin(ModalityId.Speech)),
                    EndId = text.SpecialId(SpecialTokens.End(ModalityId.Speech)),
                },
            ],
        ],
        BeginOfSequence = text.BeginOfSequence,
        EndOfSequence = text.EndOfSequence,
        Padding = text.Padding,
    }.Validate();
}
