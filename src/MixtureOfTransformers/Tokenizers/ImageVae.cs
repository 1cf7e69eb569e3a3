// Legend: B images, C channels, H rows, W columns of pixels; h rows, w columns of latents, Z numbers of a latent.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to latents and back: a convolutional VAE (Kingma and Welling 2014) with a small weight on the divergence, as in latent diffusion (Rombach et al. 2022). An image becomes a grid of vectors
/// of <see cref="ImageVaeShape.LatentDim"/> numbers.</summary>
/// <remarks>Train one with <see cref="ImageVaeTrainer"/>. Encoding takes the mean of the posterior, so that it repeats; numbers are scaled by <see cref="ImageVaeConfig.LatentScale"/>.</remarks>
public sealed class ImageVae : IDisposable
{
    internal const string Owner = "a VAE for images of";
    private const int ImagesAtOnce = 64;
    private static readonly NetworkFiles<ImageVaeConfig> _files = new("image_vae", TokenizersJson.Default.ImageVaeConfig);

    private readonly ImageVaeNetwork _network;
    private bool _isDisposed;

    /// <summary>Takes over the network.</summary>
    internal ImageVae(ImageVaeConfig config, ImageVaeNetwork network)
    {
        (Config, _network) = (config, network);
        Fingerprint = _files.Fingerprint(config, network);
    }

    /// <summary>The shape of images and latents, and the scale of latents.</summary>
    public ImageVaeConfig Config { get; }

    /// <summary>SHA-256 of configuration and weights, in hexadecimal: equal for equal VAEs.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads <c>config.json</c> and <c>model.safetensors</c> from a folder.</summary>
    /// <returns>The VAE; the caller disposes it.</returns>
    /// <exception cref="MotException">A file is missing or damaged, holds something else, or does not fit the other; the message lists every tensor at fault.</exception>
    public static ImageVae Load(string folder) => _files.Load(folder, config => new ImageVaeNetwork(config.Validate()), (config, network) => new ImageVae(config, network));

    /// <summary>Whether a folder holds one.</summary>
    public static bool IsIn(string folder) => _files.AreIn(folder);

    /// <summary>Reads <c>config.json</c> alone.</summary>
    /// <exception cref="MotException">The file is missing or damaged, or a value out of its limits.</exception>
    internal static ImageVaeConfig ReadConfig(string folder) => _files.ReadConfig(folder).Validate();

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>, each atomically.</summary>
    public void Save(string folder)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _files.Save(folder, Config, _network);
    }

    /// <summary>Images to latents.</summary>
    /// <returns>For each image its latents row by row, [h, w, Z], of mean 0 and variance 1 over the training images.</returns>
    /// <exception cref="MotException">An image has another shape.</exception>
    public IReadOnlyList<float[]> Encode(IReadOnlyList<PixelImage> images)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var result = new List<float[]>(images.Count);
        using var noGrad = no_grad();
        foreach (var chunk in images.Chunk(ImagesAtOnce))
        {
            using var scope = NewDisposeScope();
            var mean_BZhw = _network.Encode(ImageTensors.Normalize(ImageTensors.Stack(chunk, Config.ImageShape, Owner))).Mean;
            var latents = (mean_BZhw.permute(0, 2, 3, 1) - Config.LatentScale.Shift) * Config.LatentScale.Scale;
            result.AddRange(latents.contiguous().data<float>().ToArray().Chunk(LatentCount));
        }
        return result;
    }

    /// <summary>Latents to images.</summary>
    /// <param name="latents">As <see cref="Encode"/> gives them.</param>
    /// <exception cref="MotException">There are more or fewer numbers than an image has.</exception>
    public IReadOnlyList<PixelImage> Decode(IReadOnlyList<float[]> latents)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (latents.FirstOrDefault(l => l.Length != LatentCount) is { } wrong)
            throw new MotException($"{wrong.Length} numbers are no image; this VAE needs {LatentCount}");
        var result = new List<PixelImage>(latents.Count);
        using var noGrad = no_grad();
        foreach (var chunk in latents.Chunk(ImagesAtOnce))
        {
            using var scope = NewDisposeScope();
            var z_BhwZ = tensor(chunk.SelectMany(l => l).ToArray(), [chunk.Length, Config.GridHeight, Config.GridWidth, Config.LatentDim]);
            var z_BZhw = ((z_BhwZ / Config.LatentScale.Scale) + Config.LatentScale.Shift).permute(0, 3, 1, 2).contiguous();
            result.AddRange(ImageTensors.Unstack(ImageTensors.Quantize(_network.Decode(z_BZhw))));
        }
        return result;
    }

    /// <summary>Images to latents and back, measured against the originals.</summary>
    /// <param name="images">At least one image.</param>
    /// <param name="steps">Training steps, for the report.</param>
    /// <exception cref="MotException">There are no images, or one has another shape.</exception>
    public ImageVaeReport Measure(IReadOnlyList<PixelImage> images, int steps = 0)
    {
        if (images.Count == 0)
            throw new MotException("there are no images to measure the VAE on");
        var fidelity = ImageFidelity.Of(images, Decode(Encode(images)), Config.ImageShape);
        return new() { Steps = steps, ImageCount = images.Count, PsnrDb = fidelity.PsnrDb, Ssim = fidelity.Ssim, NumbersPerImage = LatentCount, LatentScale = Config.LatentScale };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _isDisposed = true;
    }

    private int LatentCount => Config.GridWidth * Config.GridHeight * Config.LatentDim;
}
