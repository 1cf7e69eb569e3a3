using System.Numerics;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Shape of an image tokenizer; written as <c>config.json</c> beside its weights.</summary>
public sealed record ImageTokenizerConfig : ImageTokenizerShape
{
    /// <summary>The default shape.</summary>
    public ImageTokenizerConfig() { }

    /// <summary>A shape, for images of 32x32 pixels in RGB unless others are set.</summary>
    public ImageTokenizerConfig(ImageTokenizerShape shape) : base(shape) { }

    /// <summary>Pixels per row. Must be a multiple of <see cref="ImageTokenizerShape.Factor"/>.</summary><value>Default: 32.</value>
    public int ImageWidth { get; init; } = 32;

    /// <summary>Rows. Must be a multiple of <see cref="ImageTokenizerShape.Factor"/>.</summary><value>Default: 32.</value>
    public int ImageHeight { get; init; } = 32;

    /// <summary>Samples per pixel: 1 grey, 3 RGB.</summary><value>Default: 3.</value>
    public int Channels { get; init; } = 3;

    /// <summary>The shape of the images.</summary>
    [JsonIgnore]
    public ImageShape ImageShape => new(ImageWidth, ImageHeight, Channels);

    /// <summary>Tokens per row of tokens.</summary>
    [JsonIgnore]
    public int GridWidth => ImageWidth / Factor;

    /// <summary>Rows of tokens.</summary>
    [JsonIgnore]
    public int GridHeight => ImageHeight / Factor;

    /// <summary>Tokens per image.</summary>
    [JsonIgnore]
    public int TokenCount => GridWidth * GridHeight;

    /// <summary>Samples under one token.</summary>
    [JsonIgnore]
    internal int PatchDim => Channels * Factor * Factor;

    /// <summary>This configuration, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public ImageTokenizerConfig Validate()
    {
        if (Factor is < 2 or > 16 || !BitOperations.IsPow2(Factor))
            throw new ConfigException($"image tokenizer: factor {Factor} must be 2, 4, 8 or 16");
        ImageShape.Validate(Factor, "image tokenizer");
        Require("width", Width, 1, 4096);
        Require("block_count", BlockCount, 0, 64);
        Require("code_dim", CodeDim, 1, 1024);
        Require("codebook_size", CodebookSize, 2, 1 << 20);
        return this;
    }

    private static void Require(string name, int value, int low, int high)
    {
        if (value < low || value > high)
            throw new ConfigException($"image tokenizer: {name} {value} is outside {low} to {high}");
    }
}
