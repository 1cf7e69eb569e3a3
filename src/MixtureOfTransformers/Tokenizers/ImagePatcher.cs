using System.Security.Cryptography;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to vectors and back: squares of pixels from left to right and from top to bottom, samples from −1 to 1. Nothing is learned and nothing lost.</summary>
public sealed class ImagePatcher : IPatchCodec
{
    private const string ConfigFile = "config.json";
    private const float HalfRange = 127.5f;

    private readonly PatchGrid[] _grids;
    private readonly ImageShape[] _shapes;

    /// <summary>A patcher for images of some shapes.</summary>
    /// <param name="config">The shapes.</param>
    /// <exception cref="ConfigException">A shape is impossible.</exception>
    public ImagePatcher(ImagePatcherConfig config)
    {
        Config = config.Validate();
        _grids = [.. config.Grids];
        _shapes = [.. _grids.Select(g => new ImageShape(g.Width, g.Height, g.Channels))];
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(config, TokenizersJson.Default.ImagePatcherConfig)));
    }

    /// <summary>The shapes of images and patches.</summary>
    public ImagePatcherConfig Config { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImageShape> Shapes => _shapes;

    /// <inheritdoc/>
    public IReadOnlyList<PatchGrid> Grids => _grids;

    /// <summary>1.</summary>
    public double Limit => 1;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <summary>The patches of an image; a patch is its rows of interleaved channels.</summary>
    /// <exception cref="MotException">The image has another shape.</exception>
    public ImagePatches Encode(PixelImage image)
    {
        var shape = new ImageShape(image.Width, image.Height, image.Channels);
        var index = Array.IndexOf(_shapes, shape);
        if (index < 0)
            throw new MotException($"an image of {shape} does not fit patches of {string.Join(" or ", _shapes)}; resize it first");
        return new(index, _grids[index].Cut(Array.ConvertAll(image.Samples, sample => (sample / HalfRange) - 1)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ImagePatches> Encode(IReadOnlyList<PixelImage> images) => [.. images.Select(Encode)];

    /// <summary>The image of patches; numbers beyond −1 and 1 are clipped.</summary>
    /// <param name="patches">As <see cref="Encode(PixelImage)"/> gives them.</param>
    /// <exception cref="MotException">There are more or fewer numbers than an image has.</exception>
    public PixelImage Decode(ImagePatches patches)
    {
        var grid = _grids[patches.SizeIndex];
        return new(grid.Width, grid.Height, grid.Channels, Array.ConvertAll(grid.Join(patches.Numbers), number => (byte)Math.Clamp(MathF.Round((number + 1) * HalfRange), 0, 255)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<PixelImage> Decode(IReadOnlyList<ImagePatches> patches) => [.. patches.Select(Decode)];

    /// <summary>Writes <c>config.json</c>.</summary>
    public void Save(string folder) => JsonFile.Write(Path.Combine(Directory.CreateDirectory(folder).FullName, ConfigFile), Config, TokenizersJson.Default.ImagePatcherConfig);

    /// <summary>Reads <c>config.json</c>.</summary>
    /// <exception cref="MotException">The file is missing or damaged.</exception>
    public static ImagePatcher Load(string folder) => new(JsonFile.Read(Path.Combine(folder, ConfigFile), TokenizersJson.Default.ImagePatcherConfig));

    /// <summary>Nothing to dispose.</summary>
    public void Dispose() { }
}
