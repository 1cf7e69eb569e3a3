using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to codes and back: a convolutional VQ-VAE (van den Oord et al. 2017). An image is <see cref="ImageTokenizerConfig.TokenCount"/> codes, row by row.</summary>
/// <remarks>Train one with <see cref="ImageTokenizerTrainer"/>. Codes count from 0; the joint <see cref="Vocabulary"/> adds its offset.</remarks>
public sealed class ImageTokenizer : IDisposable
{
    internal const string Owner = "an image tokenizer for";

    private const int ImagesAtOnce = 64;
    private static readonly NetworkFiles<ImageTokenizerConfig> _files = new("image_tokenizer", TokenizersJson.Default.ImageTokenizerConfig);

    private readonly ImageAutoencoder _network;
    private bool _isDisposed;

    /// <summary>Takes over the network.</summary>
    internal ImageTokenizer(ImageTokenizerConfig config, ImageAutoencoder network)
    {
        (Config, _network) = (config, network);
        Fingerprint = _files.Fingerprint(config, network);
    }

    /// <summary>The shape of images and codes.</summary>
    public ImageTokenizerConfig Config { get; }

    /// <summary>SHA-256 of configuration and weights, in hexadecimal: equal for equal tokenizers.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads <c>config.json</c> and <c>model.safetensors</c> from a folder.</summary>
    /// <returns>The tokenizer; the caller disposes it.</returns>
    /// <exception cref="MotException">A file is missing or damaged, holds something else, or does not fit the other; the message lists every tensor at fault.</exception>
    public static ImageTokenizer Load(string folder) => _files.Load(folder, config => new ImageAutoencoder(config.Validate()), (config, network) => new ImageTokenizer(config, network));

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>, each atomically.</summary>
    public void Save(string folder)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _files.Save(folder, Config, _network);
    }

    /// <summary>One image to codes.</summary>
    /// <returns><see cref="ImageTokenizerConfig.TokenCount"/> codes from 0, row by row.</returns>
    /// <exception cref="MotException">The image has another shape.</exception>
    public int[] Encode(PixelImage image) => Encode([image])[0];

    /// <summary>Images to codes.</summary>
    /// <returns>For each image <see cref="ImageTokenizerConfig.TokenCount"/> codes from 0, row by row.</returns>
    /// <exception cref="MotException">An image has another shape.</exception>
    public IReadOnlyList<int[]> Encode(IReadOnlyList<PixelImage> images)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var result = new List<int[]>(images.Count);
        using var noGrad = no_grad();
        foreach (var chunk in images.Chunk(ImagesAtOnce))
        {
            using var scope = NewDisposeScope();
            var (codes, _) = _network.Quantizer.Nearest(_network.Encode(ImageTensors.Normalize(ImageTensors.Stack(chunk, Config.ImageShape, Owner))));
            result.AddRange(codes.to(ScalarType.Int32).data<int>().ToArray().Chunk(Config.TokenCount));
        }
        return result;
    }

    /// <summary>Codes to one image.</summary>
    /// <param name="codes"><see cref="ImageTokenizerConfig.TokenCount"/> codes from 0, row by row.</param>
    /// <exception cref="MotException">The number of codes is wrong, or one is outside the codebook.</exception>
    public PixelImage Decode(ReadOnlySpan<int> codes) => Decode([codes.ToArray()])[0];

    /// <summary>Codes to images.</summary>
    /// <param name="codes">For each image <see cref="ImageTokenizerConfig.TokenCount"/> codes from 0, row by row.</param>
    /// <exception cref="MotException">The number of codes is wrong, or one is outside the codebook.</exception>
    public IReadOnlyList<PixelImage> Decode(IReadOnlyList<int[]> codes)
    {
        foreach (var image in codes)
            ThrowIfNoImage(image);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var result = new List<PixelImage>(codes.Count);
        using var noGrad = no_grad();
        foreach (var chunk in codes.Chunk(ImagesAtOnce))
        {
            using var scope = NewDisposeScope();
            var vectors = _network.Quantizer.Lookup(tensor(chunk.SelectMany(c => c).Select(c => (long)c).ToArray()));
            result.AddRange(ImageTensors.Unstack(ImageTensors.Quantize(_network.Decode(vectors))));
        }
        return result;
    }

    /// <summary>Images to codes and back, measured against the originals.</summary>
    /// <param name="images">At least one image.</param>
    /// <param name="steps">Training steps, for the report.</param>
    /// <exception cref="MotException">There are no images, or one has another shape.</exception>
    public ImageTokenizerReport Measure(IReadOnlyList<PixelImage> images, int steps = 0)
    {
        if (images.Count == 0)
            throw new MotException("there are no images to measure the image tokenizer on");
        var codes = Encode(images);
        var counts = CodebookUse.Count(codes, Config.CodebookSize);
        var fidelity = ImageFidelity.Of(images, Decode(codes), Config.ImageShape);
        var used = counts.Count(c => c > 0);
        return new()
        {
            Steps = steps,
            ImageCount = images.Count,
            PsnrDb = fidelity.PsnrDb,
            Ssim = fidelity.Ssim,
            CodesUsed = used,
            CodebookUse = (double)used / counts.Length,
            Perplexity = CodebookUse.Perplexity([.. counts.Select(c => (double)c)]),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _isDisposed = true;
    }

    private void ThrowIfNoImage(int[] codes)
    {
        if (codes.Length != Config.TokenCount)
            throw new MotException($"{codes.Length} codes are no image; this image tokenizer needs {Config.TokenCount}");
        foreach (var code in codes)
            if ((uint)code >= (uint)Config.CodebookSize)
                throw new MotException($"code {code} is outside the codebook of {Config.CodebookSize}; the codes come from another image tokenizer");
    }
}
