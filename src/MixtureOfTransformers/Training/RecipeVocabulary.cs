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
        var modalities = recipe.Data.Modalities.ToHashSet();
        var ranges = new List<VocabularyRange> { new() { Modality = ModalityId.Text, Offset = 0, Count = text } };
        if (modalities.Contains(ModalityId.Image))
            ranges.Add(recipe.ImagePatches?.GridsOf(recipe.Data, recipe.ImageVae) is { } grids ? VocabularyBuilder.OfPatches(text, grids) : VocabularyBuilder.OfCodes(text, recipe.ImageTokenizer.ToConfig(recipe.Data)));
        if (modalities.Contains(ModalityId.Speech))
            ranges.Add(new() { Modality = ModalityId.Speech, Offset = ranges[^1].Offset + ranges[^1].Count, Count = recipe.SpeechTokenizer.ToConfig(recipe.Data).RunLengthCode.Count });
        return new()
        {
            Ranges = [.. ranges],
            BeginOfSequence = 0,
            EndOfSequence = 0,
            Padding = 0,
        };
    }
}
