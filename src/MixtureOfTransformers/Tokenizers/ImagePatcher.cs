using System.Security.Cryptography;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to vectors and back: squares of pixels from left to right and from top to bottom, samples from −1 to 1. Nothing is learned and nothing lost.</summary>
public sealed class ImagePatcher
{
    /// <summary>Largest absolute number of an image.</summary>
    public const double Limit = 1;

    private const string ConfigFile = "config.json";
    private const float HalfRange = 127.5f;

    /// <summary>A patcher for images of one shape.</summary>
    /// <param name="config">The shape.</param>
    /// <exception cref="ConfigException">The shape is impossible.</exception>
    public ImagePatcher(ImagePatcherConfig config)
    {
        Config = config.Validate();
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(config, TokenizersJson.Default.ImagePatcherConfig)));
    }

    /// <summary>The shape.</summary>
    public ImagePatcherConfig Config { get; }

    /// <summary>SHA-256 of the shape, in hexadecimal.</summary>
    public string Fingerprint { get; }

    /// <summary>The patches of an image one after the other, [patches, X]; a patch is its rows of interleaved channels.</summary>
    /// <exception cref="MotException">The image has another shape.</exception>
    public float[] Encode(PixelImage image)
    {
        if ((image.Width, image.Height, image.Channels) != (Config.ImageWidth, Config.ImageHeight, Config.Channels))
            throw new MotException($"an image of {image.Width}x{image.Height} pixels with {image.Channels} channels does not fit patches of {Config.ImageWidth}x{Config.ImageHeight} with {Config.Channels}; resize it first");
        var patches = new float[image.Samples.Length];
        for (var i = 0; i < patches.Length; i++)
            patches[i] = (image.Samples[SampleOf(i)] / HalfRange) - 1;
        return patches;
    }

    /// <summary>The image of patches; numbers beyond −1 and 1 are clipped.</summary>
    /// <param name="patches">As <see cref="Encode"/> gives them.</param>
    /// <exception cref="MotException">There are more or fewer numbers than an image has.</exception>
    public PixelImage Decode(ReadOnlySpan<float> patches)
    {
        var count = Config.PatchCount * Config.PatchDim;
        if (patches.Length != count)
            throw new MotException($"{patches.Length} numbers are no image; one has {count}");
        var samples = new byte[count];
        for (var i = 0; i < count; i++)
            samples[SampleOf(i)] = (byte)Math.Clamp(MathF.Round((patches[i] + 1) * HalfRange), 0, 255);
        return new(Config.ImageWidth, Config.ImageHeight, Config.Channels, samples);
    }

    /// <summary>Writes <c>config.json</c>.</summary>
    public void Save(string folder) => JsonFile.Write(Path.Combine(Directory.CreateDirectory(folder).FullName, ConfigFile), Config, TokenizersJson.Default.ImagePatcherConfig);

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <exception cref="MotException">The file is missing or damaged.</exception>
    public static ImagePatcher Load(string folder) => new(JsonFile.Read(Path.Combine(folder, ConfigFile), TokenizersJson.Default.ImagePatcherConfig));

    /// <summary>The sample of an image that stands at a place of its patches.</summary>
    private int SampleOf(int place)
    {
        var (patch, inside) = Math.DivRem(place, Config.PatchDim);
        var (row, rest) = Math.DivRem(inside, Config.PatchSize * Config.Channels);
        var (patchRow, patchColumn) = Math.DivRem(patch, Config.ImageWidth / Config.PatchSize);
        return ((((patchRow * Config.PatchSize) + row) * Config.ImageWidth) + (patchColumn * Config.PatchSize)) * Config.Channels + rest;
    }
}
