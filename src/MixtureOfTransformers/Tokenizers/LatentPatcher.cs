using System.Security.Cryptography;
using System.Text;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to vectors and back by way of a VAE: squares of latents from left to right and from top to bottom.</summary>
public sealed class LatentPatcher : IPatchCodec
{
    private const string PatchesFile = "patches.json";

    private readonly ImageVae _vae;

    /// <summary>Takes over the VAE.</summary>
    /// <param name="vae">Disposed with this object.</param>
    /// <param name="patchSize">Latents of a patch along each side.</param>
    /// <exception cref="ConfigException">The patches do not fit the latents.</exception>
    public LatentPatcher(ImageVae vae, int patchSize)
    {
        _vae = vae;
        Grid = GridOf(vae.Config, patchSize);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{vae.Fingerprint}\n{patchSize}")));
    }

    /// <summary>The VAE; owned by this object.</summary>
    public ImageVae Vae => _vae;

    /// <inheritdoc/>
    public IReadOnlyList<ImageShape> Shapes => [_vae.Config.ImageShape];

    /// <summary>Patches and the latents that they are cut from.</summary>
    public PatchGrid Grid { get; }

    /// <inheritdoc/>
    public IReadOnlyList<PatchGrid> Grids => [Grid];

    /// <inheritdoc/>
    public double Limit => _vae.Config.LatentScale.Limit;

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ImagePatches> Encode(IReadOnlyList<PixelImage> images) => [.. _vae.Encode(images).Select(latents => new ImagePatches(0, Grid.Cut(latents)))];

    /// <inheritdoc/>
    public IReadOnlyList<PixelImage> Decode(IReadOnlyList<ImagePatches> patches) => _vae.Decode([.. patches.Select(p => Grid.Join(p.Numbers))]);

    /// <summary>Writes the VAE's files and <c>patches.json</c>.</summary>
    public void Save(string folder)
    {
        _vae.Save(folder);
        JsonFile.Write(Path.Combine(folder, PatchesFile), new LatentPatches(Grid.PatchSize), TokenizersJson.Default.LatentPatches);
    }

    /// <summary>The patches of a VAE's latents.</summary>
    /// <exception cref="ConfigException">They do not fit the latents.</exception>
    internal static PatchGrid GridOf(ImageVaeConfig vae, int patchSize) => new PatchGrid(vae.GridWidth, vae.GridHeight, vae.LatentDim, patchSize).Validate("latents");

    /// <summary>Whether a folder holds one.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, PatchesFile));

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <returns>The codec; the caller disposes it.</returns>
    /// <exception cref="MotException">A file is missing or damaged, or does not fit the others.</exception>
    public static LatentPatcher Load(string folder)
    {
        var patches = JsonFile.Read(Path.Combine(folder, PatchesFile), TokenizersJson.Default.LatentPatches);
        var vae = ImageVae.Load(folder);
        try
        {
            return new(vae, patches.PatchSize);
        }
        catch
        {
            vae.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _vae.Dispose();
}
