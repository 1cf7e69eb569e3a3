using System.Globalization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>An 8-bit sRGB colour.</summary>
public readonly record struct Rgb(byte Red, byte Green, byte Blue)
{
    /// <summary>White.</summary>
    public static Rgb White { get; } = new(255, 255, 255);

    /// <summary>Black.</summary>
    public static Rgb Black { get; }

    /// <summary>Reads <c>#rrggbb</c>.</summary>
    /// <exception cref="ConfigException">The text is something else.</exception>
    public static Rgb Parse(string text) =>
        text.Length == 7 && text[0] == '#' && uint.TryParse(text.AsSpan(1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits)
            ? new((byte)(bits >> 16), (byte)(bits >> 8), (byte)bits)
            : throw new ConfigException($"'{text}' is not a colour; write it as #rrggbb, for instance #ffffff");

    /// <summary>Euclidean distance in RGB, 0 to 441.</summary>
    public double DistanceTo(Rgb other) =>
        Math.Sqrt(Math.Pow(Red - other.Red, 2) + Math.Pow(Green - other.Green, 2) + Math.Pow(Blue - other.Blue, 2));
}
