using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>One training run from raw data to weights; read from <c>recipes/*.json</c>, and written in full beside every run.</summary>
public sealed record Recipe
{
    /// <summary>A short name for tables and logs.</summary>
    public required string Name { get; init; }

    /// <summary>Seed of weights, tokenizers and data order. What is drawn for the documents follows <see cref="DataRecipe.Seed"/>; <c>--seed</c> on the command line sets
    /// both.</summary><value>1.</value>
    public long Seed { get; init; } = 1;

    /// <summary>The documents to train and validate on.</summary><value>The built-in scenes.</value>
    public DataRecipe Data { get; init; } = new() { Sources = [new SceneRecipe()] };

    /// <summary>How the text tokenizer is trained.</summary>
    public TextTokenizerOptions TextTokenizer { get; init; } = new();

    /// <summary>The image tokenizer; without images in the data none is trained.</summary>
    public ImageTokenizerRecipe ImageTokenizer { get; init; } = new();

    /// <summary>Images as patches that are denoised, as in Transfusion, in place of the image tokenizer; how is <see cref="ModelRecipe.Diffusion"/>.</summary><value>Null: images are tokens.</value>
    public ImagePatchRecipe? ImagePatches { get; init; }

    /// <summary>The VAE whose latents the patches of <see cref="ImagePatches"/> are cut from.</summary><value>Null: they are cut from pixels.</value>
    public ImageVaeRecipe? ImageVae { get; init; }

    /// <summary>The speech tokenizer; without speech in the data none is trained.</summary>
    public SpeechTokenizerRecipe SpeechTokenizer { get; init; } = new();

    /// <summary>The model's shape.</summary>
    public ModelRecipe Model { get; init; } = new();

    /// <summary>How the model is trained.</summary>
    public TrainingRecipe Training { get; init; } = new();

    /// <summary>This recipe, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public Recipe Validate()
    {
        if (string.IsNullOrWhiteSpace(Name))
            throw new ConfigException("name must not be empty");
        if (Seed < 0)
            throw new ConfigException($"seed {Seed} must not be negative");
        Data.Validate();
        TextTokenizer.Validate();
        if (ImagePatches is null)
            ImageTokenizer.Validate(Data);
        SpeechTokenizer.Validate(Data);
        ImageVae?.Validate(Data);
        ValidateSizes(ImageVae?.Path is null ? ImagePatches?.GridsOf(Data, ImageVae) : null); // a VAE of its own is looked at when it is used: the run keeps a copy
        if (ImagePatches is null && ImageVae is not null)
            throw new ConfigException("image_vae is for images that are patches of its latents; add \"image_patches\": {} to the recipe, or leave image_vae out");
        if (ImagePatches is null && Model.Diffusion is not null)
            throw new ConfigException("model.diffusion is for images that are patches; add \"image_patches\": {} to the recipe, or leave diffusion out");
        Model.Validate();
        Training.Validate();
        return this;
    }

    /// <summary>This recipe with the defaults that depend on other parts of it; recipes that mean the same are equal in this form, also where an earlier version wrote such defaults into runs.</summary>
    internal Recipe Explicit => ImagePatches is null ? this : this with { ImagePatches = new() { Size = ImagePatches.SizeFor(ImageVae) } };

    /// <param name="patches">Of images of each size; null for images that are tokens.</param>
    private void ValidateSizes(IReadOnlyList<PatchGrid>? patches)
    {
        if (Data.Sizes.Length == 1)
            return;
        var sizes = $"image_sizes [{string.Join(", ", Data.Sizes)}]";
        if (patches is null || ImageVae is not null)
            throw new ConfigException($"{sizes}: images of several sizes are for patches of pixels; add \"image_patches\": {{}} and leave image_vae out, or give one size");
        if (Model.Diffusion?.Unet is not null)
            throw new ConfigException($"{sizes}: a unet takes images of one size; leave unet out of model.diffusion, or give one size");
        if (Model.Diffusion is not { GridPositions: true } && patches.DistinctBy(g => g.PatchCount).Count() < patches.Count)
            throw new ConfigException($"{sizes}: without their places in the image, as many patches look the same in both sizes; set model.diffusion.grid_positions to true, or choose sizes of different area");
    }
}
