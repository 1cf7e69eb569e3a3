using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Trains an image tokenizer: reconstruction and commitment by AdamW, the codebook by running averages.</summary>
public static class ImageTokenizerTrainer
{
    private const int WarmupSteps = 20;
    private const double DecayStart = 0.4;     // share of the budget at which the learning rate begins to fall
    private const double LastRate = 0.02;      // of the highest
    private const double RevivalEnd = 0.85;    // share of the budget after which codes stay where they are
    private const int RevivalInterval = 10;
    private const int ReportInterval = 20;
    private const double AbsoluteErrorWeight = 0.1; // keeps flat areas clean, which squares hardly punish
    private const int StartSamples = 16384;    // tokens that the codebook starts from

    /// <summary>Trains a tokenizer. With the same seed and no time limit the result is the same, on the same machine and number of threads.</summary>
    /// <param name="images">The images to learn from, all of the configured shape; held in memory at 8 bits.</param>
    /// <param name="validation">Other images, for the report.</param>
    /// <param name="config">Shape of images, network and codebook.</param>
    /// <param name="options">Steps, seconds, rates.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="progress">Told every few steps.</param>
    /// <param name="timeProvider">Measures <see cref="ImageTokenizerOptions.MaxSeconds"/>; the system's clock when null.</param>
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
            var steps = Run(network, images, config, options, seed, progress, timeProvider ?? TimeProvider.System, cancellationToken);
            var tokenizer = new ImageTokenizer(config, network);
            return (tokenizer, tokenizer.Measure(validation, steps));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static int Run(ImageAutoencoder network, IReadOnlyList<PixelImage> images, ImageTokenizerConfig config, ImageTokenizerOptions options, long seed,
        IProgress<ImageTokenizerProgress>? progress, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        using var averages = new CodebookAverages(network.Quantizer, options.CodebookDecay, generator);
        var samples = ImageTensors.Stack(images, config);
        Start(network, averages, samples, config, options, generator);
        using var optimizer = optim.AdamW(network.parameters(), options.LearningRate, beta2: 0.99, weight_decay: 1e-4);

        var begin = clock.GetTimestamp();
        for (var step = 0; ; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = clock.GetElapsedTime(begin).TotalSeconds;
            var spent = Math.Max((double)step / options.Steps, options.MaxSeconds is { } limit ? seconds / limit : 0);
            if (spent >= 1)
                return step;
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = options.LearningRate * RateAt(step, spent);
            using var stepScope = NewDisposeScope();
            var (loss, error) = Step(network, averages, optimizer, Draw(samples, options.BatchSize, generator), options, isReviving: step % RevivalInterval == 0 && spent < RevivalEnd);
            if (step % ReportInterval == 0 || step + 1 == options.Steps)
                Report(progress, step, Math.Max(spent, (step + 1.0) / options.Steps), loss, error, averages);
        }
    }

    private static void Start(ImageAutoencoder network, CodebookAverages averages, Tensor samples, ImageTokenizerConfig config, ImageTokenizerOptions options, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var count = Math.Clamp(StartSamples / config.TokenCount, 1, (int)samples.shape[0]);
        var x = Draw(samples, count, generator);
        network.Initialize(x, generator);
        averages.Initialize(network.Encode(x), (long)options.BatchSize * config.TokenCount);
    }

    private static (Tensor Loss, Tensor Error) Step(ImageAutoencoder network, CodebookAverages averages, AdamW optimizer, Tensor x, ImageTokenizerOptions options, bool isReviving)
    {
        using var scope = NewDisposeScope();
        var z = network.Encode(x);
        var (codes, distances) = network.Quantizer.Nearest(z);
        var q = network.Quantizer.Lookup(codes);
        var difference = network.Decode(VectorQuantizer.StraightThrough(z, q)) - x;
        var error = difference.square().mean();
        var loss = error + (AbsoluteErrorWeight * difference.abs().mean()) + (options.CommitmentWeight * (z - q).square().mean());
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        averages.Update(z.detach(), codes);
        if (isReviving)
            averages.ReviveDead(z.detach(), distances);
        return (loss.detach().MoveToOuterDisposeScope(), error.detach().MoveToOuterDisposeScope());
    }

    private static void Report(IProgress<ImageTokenizerProgress>? progress, int step, double spent, Tensor loss, Tensor error, CodebookAverages averages)
    {
        var value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new MotException($"the image tokenizer's loss became {value} at step {step}; lower learning_rate");
        if (progress is null)
            return;
        var counts = averages.Counts.data<float>().ToArray();
        progress.Report(new(step + 1, Math.Min(spent, 1), value, ImageTokenizer.Psnr(error.item<float>() / 4), ImageTokenizer.Perplexity([.. counts.Select(c => (double)c)])));
    }

    private static double RateAt(int step, double spent)
    {
        var warmup = Math.Min(1, (step + 1.0) / WarmupSteps);
        var fall = Math.Max(0, (spent - DecayStart) / (1 - DecayStart));
        return warmup * (LastRate + ((1 - LastRate) * 0.5 * (1 + Math.Cos(Math.PI * fall))));
    }

    private static Tensor Draw(Tensor samples, int count, Generator generator)
    {
        using var scope = NewDisposeScope();
        var chosen = randint(0, samples.shape[0], new long[] { count }, dtype: ScalarType.Int64, generator: generator);
        return ImageTensors.Normalize(samples.index_select(0, chosen)).MoveToOuterDisposeScope();
    }
}
