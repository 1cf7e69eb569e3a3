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
                (image is null ? OfPatches(text.Count, patches!.Grids) : OfCodes(text.Count, image.Config)) with
                {
                    BeginId = text.SpecialId(SpecialTokens.Begin(ModalityId.Image)),
                    EndId = text.SpecialId(SpecialTokens.End(ModalityId.Image)),
                },
            ],
            .. speech is null ? Array.Empty<VocabularyRange>() :
            [
                new()
                {
                    Modality = ModalityId.Speech,
                    Offset = text.Count + (image?.Config.CodebookSize ?? patches?.Grids.Count ?? 0),
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

    /// <summary>The range of images that are codes, without markers.</summary>
    internal static VocabularyRange OfCodes(int offset, ImageTokenizerConfig image) => new() { Modality = ModalityId.Image, Offset = offset, Count = image.CodebookSize, BlockLength = image.TokenCount };

    /// <summary>The range of images that are patches, without markers: an id for each size.</summary>
    internal static VocabularyRange OfPatches(int offset, IReadOnlyList<PatchGrid> grids) => new()
    {
        Modality = ModalityId.Image,
        Offset = offset,
        Count = grids.Count,
        BlockLength = grids[0].PatchCount,
        VectorLength = grids[0].PatchDim,
        VectorChannels = grids[0].Channels,
        GridColumns = grids[0].Columns,
        Grids = grids.Count == 1 ? default : [.. grids.Select(g => g.Tokens)],
    };
}
