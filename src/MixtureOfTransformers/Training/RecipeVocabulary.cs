using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>The vocabulary that a recipe asks for, before any tokenizer is trained.</summary>
internal static class RecipeVocabulary
{
    /// <summary>Sizes and modalities alone; the ids of special tokens are not those of a trained tokenizer, and few texts may give fewer text ids.</summary>
    public static Vocabulary Of(Recipe recipe)
    {
        var text = recipe.TextTokenizer.VocabularySize;
        var image = recipe.ImageTokenizer.ToConfig(recipe.Data);
        var hasImages = recipe.Data.Sources.Any(source => source is not TextRecipe);
        return new()
        {
            Ranges =
            [
                new() { Modality = ModalityId.Text, Offset = 0, Count = text },
                .. hasImages ? [new() { Modality = ModalityId.Image, Offset = text, Count = image.CodebookSize, BlockLength = image.TokenCount }] : Array.Empty<VocabularyRange>(),
            ],
            BeginOfSequence = 0,
            EndOfSequence = 0,
            Padding = 0,
        };
    }
}
