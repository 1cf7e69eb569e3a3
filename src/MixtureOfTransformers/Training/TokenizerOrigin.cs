using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>What trained tokenizers were asked to be; kept beside them, so that they are not reused for a recipe that asks for others.</summary>
internal sealed record TokenizerOrigin
{
    public required TextTokenizerOptions TextTokenizer { get; init; }

    public required ImageTokenizerRecipe ImageTokenizer { get; init; }

    public SpeechTokenizerRecipe SpeechTokenizer { get; init; } = new();

    public ImagePatchRecipe? ImagePatches { get; init; }

    public ImageVaeRecipe? ImageVae { get; init; }

    public static TokenizerOrigin Of(Recipe recipe) => new()
    {
        TextTokenizer = recipe.TextTokenizer,
        ImageTokenizer = recipe.ImageTokenizer,
        SpeechTokenizer = recipe.SpeechTokenizer,
        ImagePatches = recipe.Explicit.ImagePatches,
        ImageVae = recipe.ImageVae,
    };
}
