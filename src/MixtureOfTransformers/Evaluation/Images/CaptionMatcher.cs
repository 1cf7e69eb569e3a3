// Legend: B pairs, C channels, H rows, W columns, F features, E width of what is compared.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>Tells how well a caption and an image fit: two small towers that are trained on the pairs of one data set to point in the same direction for an image and its caption, and in others for
/// the other captions of a batch (CLIP, Radford et al. 2021). It judges what models draw, and so knows nothing of them or of tokens.</summary>
internal sealed class CaptionMatcher : IImageFeatures, ICaptionScore, IDisposable
{
    private const int BatchSize = 64;
    private const int Epochs = 30;
    private const int FewestSteps = 100;
    private const int MostSteps = 1000;
    private const double LearningRate = 2e-3;
    private const double Sharpness = 10; // of the choice among the captions of a batch
    private const int WidestShift = 2;   // pixels by which images are moved
    private const int Chunk = 256;

    private readonly MatcherNetwork _network;

    private CaptionMatcher(MatcherNetwork network) => _network = network;

    /// <inheritdoc/>
    public string Name => "features trained on this data";

    /// <inheritdoc/>
    public string? Judge => null;

    /// <summary>Trains one; with the same seed it is the same on the same machine and number of threads.</summary>
    /// <param name="pairs">Captions with their images, of any sizes.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="steps">Batches of 64; by default as many as make 30 epochs, from 100 to 1000.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public static CaptionMatcher Train(IReadOnlyList<(string Caption, PixelImage Image)> pairs, long seed, int? steps = null, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var hashes = pairs.Select(p => CaptionHashes.Of(p.Caption)).ToArray();
        var network = new MatcherNetwork(pairs[0].Image.Channels, generator);
        using var optimizer = optim.AdamW(network.parameters(), LearningRate, beta2: 0.99, weight_decay: 0.01);
        var random = new SeededRandom(seed, 4);
        var count = steps ?? Math.Clamp(Epochs * pairs.Count / BatchSize, FewestSteps, MostSteps);
        for (var step = 0; step < count; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var drawn = Enumerable.Range(0, BatchSize).Select(_ => random.Next(pairs.Count)).ToArray();
            var features_BF = SizeGroups.Map([.. drawn.Select(i => pairs[i].Image)], BatchSize, images => network.Features(Moved(ImageTensors.Normalize(Samples(images)), random)));
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / count));
            optimizer.zero_grad();
            var fit_BB = Sharpness * network.Directions(features_BF).matmul(network.Directions([.. drawn.Select(i => hashes[i])]).t());
            Loss(fit_BB, [.. drawn.Select(i => pairs[i].Caption)]).backward();
            optimizer.step();
            progress?.Invoke((step + 1.0) / count);
        }
        return new(network);
    }

    /// <inheritdoc/>
    public Tensor Of(IReadOnlyList<PixelImage> images)
    {
        using var _ = no_grad();
        return SizeGroups.Map(images, Chunk, group => _network.Features(ImageTensors.Normalize(Samples(group))));
    }

    /// <inheritdoc/>
    public double Score(IReadOnlyList<PixelImage> images, IReadOnlyList<string> captions)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return (_network.Directions(Of(images)) * _network.Directions([.. captions.Select(CaptionHashes.Of)])).sum([1L]).mean().ToDouble();
    }

    /// <summary>Of each image the caption that fits it best.</summary>
    /// <param name="images">The images.</param>
    /// <param name="captions">Those to choose from.</param>
    public IReadOnlyList<string> Best(IReadOnlyList<PixelImage> images, IReadOnlyList<string> captions)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var fit_BC = _network.Directions(Of(images)).matmul(_network.Directions([.. captions.Select(CaptionHashes.Of)]).t());
        return [.. fit_BC.argmax(1).data<long>().ToArray().Select(i => captions[(int)i])];
    }

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();

    /// <summary>Cross-entropy of the choice of a caption for each image and of an image for each caption; where pairs of a batch have the same caption, each of them is right.</summary>
    private static Tensor Loss(Tensor fit_BB, string[] captions)
    {
        var same_BB = tensor(captions.SelectMany(a => captions.Select(b => a == b ? 1f : 0f)).ToArray()).view(captions.Length, captions.Length);
        var right_BB = same_BB / same_BB.sum([1L], keepdim: true);
        return -((nn.functional.log_softmax(fit_BB, 1) + nn.functional.log_softmax(fit_BB.t(), 1)) * right_BB).sum() / (2 * captions.Length);
    }

    private static Tensor Samples(IReadOnlyList<PixelImage> images) =>
        stack([.. images.Select(i => tensor(i.Samples, ScalarType.Byte).view(i.Height, i.Width, i.Channels))]);

    private static Tensor Moved(Tensor x_BCHW, SeededRandom random) =>
        x_BCHW.roll([random.Next((2 * WidestShift) + 1) - WidestShift, random.Next((2 * WidestShift) + 1) - WidestShift], [2, 3]);
}
