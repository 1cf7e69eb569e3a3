using System.Numerics;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Shape of a VAE of images; written as <c>config.json</c> beside its weights.</summary>
public sealed record ImageVaeConfig : ImageVaeShape
{
    /// <summary>The default shape.</summary>
    public ImageVaeConfig() { }

    /// <summary>A shape, for images of 32x32 pixels in RGB unless others are set.</summary>
    public ImageVaeConfig(ImageVaeShape shape) : base(shape) { }

    /// <summary>Pixels per row. Must be a multiple of <see cref="ImageVaeShape.Factor"/>.</summary><value>Default: 32.</value>
    public int ImageWidth { get; init; } = 32;

    /// <summary>Rows. Must be a multiple of <see cref="ImageVaeShape.Factor"/>.</summary><value>Default: 32.</value>
    public int ImageHeight { get; init; } = 32;

    /// <summary>Samples per pixel: 1 grey, 3 RGB.</summary><value>Default: 3.</value>
    public int Channels { get; init; } = 3;

    /// <summary>How latents are scaled.</summary><value>Not at all; set by <see cref="ImageVaeTrainer"/>.</value>
    public LatentScale LatentScale { get; init; } = new(0, 1, double.MaxValue);

    /// <summary>The shape of the images.</summary>
    [JsonIgnore]
    public ImageShape ImageShape => new(ImageWidth, ImageHeight, Channels);

    /// <summary>Latents per row.</summary>
    [JsonIgnore]
    public int GridWidth => ImageWidth / Factor;

    /// <summary>Rows of latents.</summary>
    [JsonIgnore]
    public int GridHeight => ImageHeight / Factor;

    /// <summary>Samples under one latent.</summary>
    [JsonIgnore]
    internal int PatchDim => Channels * Factor * Factor;

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageVaeConfig Validate()
    {
        if (Factor is < 2 or > 16 || !BitOperations.IsPow2(Factor))
            throw new ConfigException($"image VAE: factor {Factor} must be 2, 4, 8 or 16");
        ImageShape.Validate(Factor, "image VAE");
        Require("latent_dim", LatentDim, 1, 1024);
        Require("width", Width, 1, 4096);
        Require("block_count", BlockCount, 0, 64);
        if (LatentScale is not { Scale: > 0 and < double.PositiveInfinity, Limit: > 0 } || !double.IsFinite(LatentScale.Shift))
            throw new ConfigException($"image VAE: latent_scale {LatentScale} must have a finite shift, and a positive scale and limit");
        return this;
    }

    private static void Require(string name, int value, int low, int high)
    {
        if (value < low || value > high)
            throw new ConfigException($"image VAE: {name} {value} is outside {low} to {high}");
    }
}
