using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>The VAE of a recipe whose images are patches of latents. The size and channels of the images are those of the data.</summary>
public sealed record ImageVaeRecipe : ImageVaeShape
{
    /// <summary>How it is trained.</summary>
    public ImageVaeOptions Training { get; init; } = new();

    /// <summary>Folder of a VAE that <c>mot tokenizer train-vae</c> made, to use that one in place of training one; all other fields are left out. Relative to the working folder, as the paths of data are. It is copied
    /// into every run.</summary><value>Null: one is trained.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }

    /// <summary>The configuration for the images of <paramref name="data"/>.</summary>
    public ImageVaeConfig ToConfig(DataRecipe data) => new(this) { ImageWidth = data.Sizes[0].Width, ImageHeight = data.Sizes[0].Height, Channels = data.Channels };

    /// <summary>This recipe, checked against the images of <paramref name="data"/>.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageVaeRecipe Validate(DataRecipe data)
    {
        if (Path is not null && this with { Path = null } != new ImageVaeRecipe())
            throw new ConfigException($"image_vae: path names a VAE that is trained already ({Path}); leave out the other fields, or path");
        if (Path is null)
            ToConfig(data).Validate();
        Training.Validate();
        return this;
    }

    /// <summary>The configuration of the VAE that is trained or, by its files, of the one that <see cref="Path"/> names.</summary>
    /// <exception cref="MotException">There is none, or it takes images of another shape than those of <paramref name="data"/>.</exception>
    internal ImageVaeConfig ConfigFor(DataRecipe data) => Path is null ? ToConfig(data) : Named(() =>
    {
        if (!ImageVae.IsIn(Path))
            throw new MotException($"{(Directory.Exists(Path) ? "the folder holds no VAE" : "there is no such folder")}; name one that 'mot tokenizer train-vae' made, or leave path out to train a VAE");
        var config = ImageVae.ReadConfig(Path);
        return config.ImageShape == ToConfig(data).ImageShape ? config
            : throw new MotException($"the VAE is for images of {config.ImageShape}, and the data have {ToConfig(data).ImageShape}; change image_size and channels, or train a VAE for these");
    });

    /// <summary>Opens the VAE that <see cref="Path"/> names; the caller disposes it.</summary>
    /// <exception cref="MotException">There is none, or it takes images of another shape than those of <paramref name="data"/>.</exception>
    internal ImageVae Open(DataRecipe data)
    {
        ConfigFor(data);
        return Named(() => ImageVae.Load(Path!));
    }

    /// <summary>Lets errors say which field of the recipe they are about.</summary>
    private T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (MotException error)
        {
            throw new MotException($"image_vae: path {Path}: {error.Message}", error);
        }
    }
}
