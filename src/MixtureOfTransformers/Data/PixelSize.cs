using System.Globalization;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The size of an image, in pixels; as text <c>24x32</c>, and <c>32</c> for a square.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
[JsonConverter(typeof(PixelSizeConverter))]
public readonly record struct PixelSize(int Width, int Height)
{
    /// <summary>A square.</summary>
    /// <param name="side">Width and height.</param>
    public PixelSize(int side) : this(side, side) { }

    /// <summary>Reads <c>24x32</c> or <c>32</c>.</summary>
    /// <exception cref="ConfigException">The text is no size.</exception>
    public static PixelSize Parse(string text)
    {
        var numbers = text.Split('x');
        if (numbers.Length is 1 or 2 && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var width) && int.TryParse(numbers[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var height))
            return new(width, height);
        throw new ConfigException($"'{text}' is no size of images; write width and height in pixels, such as 24x32, or 32 for a square");
    }

    /// <summary>The size that an image loses least in when it is scaled to cover it: the one of the nearest aspect ratio, and among those the one of the nearest area.</summary>
    /// <param name="sizes">At least one; the earlier of two that are as near.</param>
    /// <param name="width">Pixels per row of the image.</param>
    /// <param name="height">Its rows.</param>
    internal static PixelSize Nearest(IReadOnlyList<PixelSize> sizes, int width, int height) => sizes
        .OrderBy(s => Math.Round(Math.Abs(Math.Log((double)s.Width * height / ((double)s.Height * width))), 9))
        .ThenBy(s => Math.Abs(Math.Log((double)s.Width * s.Height / ((double)width * height)))).First();

    /// <inheritdoc/>
    public override string ToString() => Width == Height ? string.Create(CultureInfo.InvariantCulture, $"{Width}") : string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}
