// Legend: B images, C channels, H rows, W columns of pixels; h rows, w columns of latents, Z numbers of a latent.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Trains a VAE of images: reconstruction from samples of the posterior and a small divergence, by AdamW; then measures the scale of the latents.</summary>
public static class ImageVaeTrainer
{
    private const int StartImages = 1024; // that the principal components are taken of

    /// <summary>Trains a VAE. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="images">The images to learn from, all of the configured shape; held in memory at 8 bits.</param>
    /// <param name="validation">Other images, for the report.</param>
    /// <param name="config">Shape of images, network and latents; its <see cref="ImageVaeConfig.LatentScale"/> is replaced.</param>
    /// <param name="options">Steps, seconds, rates.</param>
    /// <param name="seed">Seed of weights, order and samples.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="timeProvider">Measures <see cref="TokenizerTrainingOptions.MaxSeconds"/>; the system's clock when null.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The VAE, which the caller disposes, and how well it keeps the validation images.</returns>
    /// <exception cref="ConfigException">A setting is out of its limits.</exception>
    /// <exception cref="MotException">There are no images, an image has another shape, or the training diverged.</exception>
    public static (ImageVae Vae, ImageVaeReport Report) Train(
        IReadOnlyList<PixelImage> images, IReadOnlyList<PixelImage> validation, ImageVaeConfig config, ImageVaeOptions options, long seed,
        IProgress<ImageVaeProgress>? progress = null, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        config = (config with { LatentScale = new ImageVaeConfig().LatentScale }).Validate();
        options.Validate();
        if (images.Count == 0 || validation.Count == 0)
            throw new MotException($"a VAE needs images to train on and others to validate with; there are {images.Count} and {validation.Count}");
        var network = new ImageVaeNetwork(config);
        try
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)seed);
            var samples = ImageTensors.Stack(images, config.ImageShape, ImageVae.Owner);
            network.Initialize(ImageTensors.Draw(samples, Math.Min(StartImages, images.Count), generator), generator);
            var loop = new AutoencoderLoop(options, p => progress?.Report(new(p.Step, p.Fraction, p.Loss, ImageFidelity.Psnr(p.Error / 4))));
            var steps = loop.Run(network.parameters(), (descend, _, _) => Step(network, descend, ImageTensors.Draw(samples, options.BatchSize, generator), options.KlWeight, generator), timeProvider ?? TimeProvider.System, cancellationToken);
            var vae = new ImageVae(config with { LatentScale = Scale(new ImageVae(config, network).Encode(images)) }, network);
            return (vae, vae.Measure(validation, steps));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <returns>Loss and mean squared error of a batch, owned by the caller's scope.</returns>
    private static (Tensor Loss, Tensor Error) Step(ImageVaeNetwork network, Action<Tensor> descend, Tensor x_BCHW, double klWeight, Generator generator)
    {
        using var scope = NewDisposeScope();
        var (loss, error) = Loss(network, x_BCHW, klWeight, generator);
        descend(loss);
        return (loss.detach().MoveToOuterDisposeScope(), error.detach().MoveToOuterDisposeScope());
    }

    /// <summary>What is made small: the error of images from a sample of the posterior, and its divergence times a weight.</summary>
    /// <returns>Both with gradient, owned by the caller's scope.</returns>
    internal static (Tensor Loss, Tensor Error) Loss(ImageVaeNetwork network, Tensor x_BCHW, double klWeight, Generator generator)
    {
        using var scope = NewDisposeScope();
        var posterior = network.Encode(x_BCHW);
        var (reconstruction, error) = AutoencoderLoop.Reconstruction(network.Decode(posterior.Sample(generator)), x_BCHW);
        return ((reconstruction + (klWeight * posterior.Divergence())).MoveToOuterDisposeScope(), error.MoveToOuterDisposeScope());
    }

    private static LatentScale Scale(IReadOnlyList<float[]> latents)
    {
        var (sum, squares, count) = (0.0, 0.0, latents.Sum(l => (long)l.Length));
        foreach (var number in latents.SelectMany(l => l))
            (sum, squares) = (sum + number, squares + ((double)number * number));
        var shift = sum / count;
        var scale = 1 / Math.Sqrt(Math.Max((squares / count) - (shift * shift), 1e-8)); // equal images have no variance
        return new(shift, scale, latents.Max(l => l.Max(number => Math.Abs(number - shift))) * scale);
    }
}
