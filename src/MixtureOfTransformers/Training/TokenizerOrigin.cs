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

    /// <summary>Whether another asks for the same. Where a VAE of one's own lies does not matter: its fingerprint says whether it is the same.</summary>
    public bool IsLike(TokenizerOrigin other) => Placeless(this) == Placeless(other);

    private static TokenizerOrigin Placeless(TokenizerOrigin origin) => origin.ImageVae?.Path is null ? origin : origin with { ImageVae = origin.ImageVae with { Path = "anywhere" } };
}
