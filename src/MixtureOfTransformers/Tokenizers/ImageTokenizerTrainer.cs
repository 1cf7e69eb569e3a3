using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Trains an image tokenizer: reconstruction and commitment by AdamW, the codebook by running averages.</summary>
public static class ImageTokenizerTrainer
{
    /// <summary>Trains a tokenizer. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="images">The images to learn from, all of the configured shape; held in memory at 8 bits.</param>
    /// <param name="validation">Other images, for the report.</param>
    /// <param name="config">Shape of images, network and codebook.</param>
    /// <param name="options">Steps, seconds, rates.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="timeProvider">Measures <see cref="TokenizerTrainingOptions.MaxSeconds"/>; the system's clock when null.</param>
    /// <param name="cancellationToken">Stops the training.</param>
    /// <returns>The tokenizer, which the caller disposes, and how well it keeps the validation images.</returns>
    /// <exception cref="ConfigException">A setting is out of its limits.</exception>
    /// <exception cref="MotException">There are no images, an image has another shape, or the training diverged.</exception>
    public static (ImageTokenizer Tokenizer, ImageTokenizerReport Report) Train(
        IReadOnlyList<PixelImage> images, IReadOnlyList<PixelImage> validation, ImageTokenizerConfig config, ImageTokenizerOptions options, long seed,
        IProgress<ImageTokenizerProgress>? progress = null, TimeProvider? timeProvider = null, CancellationToken cancellationToken = default)
    {
        config.Validate();
        options.Validate();
        if (images.Count == 0 || validation.Count == 0)
            throw new MotException($"an image tokenizer needs images to train on and others to validate with; there are {images.Count} and {validation.Count}");
        var network = new ImageAutoencoder(config);
        try
        {
            using var scope = NewDisposeScope();
            var samples = ImageTensors.Stack(images, config.ImageShape, ImageTokenizer.Owner);
            var training = new AutoencoderTraining(network, (count, generator) => ImageTensors.Draw(samples, count, generator), images.Count, config.TokenCount, options, p => progress?.Report(
                new(p.Step, p.Fraction, p.Loss, ImageFidelity.Psnr(p.Error / 4), p.Perplexity)));
            var steps = training.Run(seed, timeProvider ?? TimeProvider.System, cancellationToken);
            var tokenizer = new ImageTokenizer(config, network);
            return (tokenizer, tokenizer.Measure(validation, steps));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
