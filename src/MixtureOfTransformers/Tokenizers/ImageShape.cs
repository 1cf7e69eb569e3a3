using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The shape of the images that a tokenizer takes.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Samples per pixel: 1 grey, 3 RGB.</param>
public readonly record struct ImageShape(int Width, int Height, int Channels)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Width}x{Height} pixels with {Channels} channels";

    /// <param name="image">An image.</param>
    /// <param name="owner">What takes such images, for the message.</param>
    /// <exception cref="MotException">The image has another shape.</exception>
    internal void Require(PixelImage image, string owner)
    {
        if (new ImageShape(image.Width, image.Height, image.Channels) != this)
            throw new MotException($"an image of {image.Width}x{image.Height} pixels with {image.Channels} channels does not fit {owner} {Width}x{Height} with {Channels}; resize it first");
    }

    /// <param name="factor">Pixels that one token or latent covers along each side.</param>
    /// <param name="owner">What it is the shape of, for messages.</param>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    internal void Validate(int factor, string owner)
    {
        foreach (var (name, pixels) in new[] { ("image_width", Width), ("image_height", Height) })
            if (pixels < factor || pixels > 4096)
                throw new ConfigException($"{owner}: {name} {pixels} is outside {factor} to 4096");
        if (Width % factor != 0 || Height % factor != 0)
            throw new ConfigException($"{owner}: {Width}x{Height} pixels do not divide by factor {factor}; choose a multiple of it");
        if (Channels is not (1 or 3))
            throw new ConfigException($"{owner}: channels {Channels} must be 1 (grey) or 3 (RGB)");
    }
}
