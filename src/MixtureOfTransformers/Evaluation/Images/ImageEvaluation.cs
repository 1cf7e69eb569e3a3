// Legend: N images, F features.
using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>Measures how models draw and describe, on held-out images with captions. What judges is trained on images and captions of the training side alone.</summary>
internal sealed class ImageEvaluation : IDisposable
{
    private const int MaxTraining = 8000;
    private const int CaptionTokens = 48;
    private static readonly SamplingOptions Describing = new() { Text = SamplingRule.Greedy };

    private readonly ImmutableArray<(string Text, ImagePart Part)> _heldOut;
    private readonly CaptionMatcher _matcher;
    private readonly IImageFeatures _features;
    private readonly ICaptionScore _judge;
    private readonly Tensor _features_NF;
    private readonly long _seed;

    private ImageEvaluation(PairSample<ImagePart> pairs, CaptionMatcher matcher, IImageFeatures? features, ICaptionScore? judge, long seed)
    {
        using var scope = NewDisposeScope();
        (_heldOut, _matcher, _features, _judge, _seed) = (pairs.HeldOut, matcher, features ?? matcher, judge ?? matcher, seed);
        _features_NF = _features.Of(HeldOutImages).DetachFromDisposeScope();
        var random = new SeededRandom(seed, 5);
        var order = Captions.ToArray();
        random.Shuffle<string>(order);
        var real = pairs.Training.ToArray();
        random.Shuffle<(string, ImagePart)>(real);
        Reference = new()
        {
            Count = _heldOut.Length,
            Features = _features.Name,
            Judge = _judge.Judge,
            BleuOrder = BleuOrder,
            Training = new() { FrechetDistance = Distance([.. real.Take(_heldOut.Length).Select(p => p.Part.Image)]) },
            HeldOut = Described(Captions) with { CaptionScore = _judge.Score(HeldOutImages, Captions) },
            Shuffled = Described(order) with { CaptionScore = _judge.Score(HeldOutImages, order) },
        };
    }

    /// <summary>What the data give themselves, and no model yet.</summary>
    public ImageQuality Reference { get; }

    private ImmutableArray<PixelImage> HeldOutImages => [.. _heldOut.Select(p => p.Part.Image)];

    private ImmutableArray<string> Captions => [.. _heldOut.Select(p => p.Text)];

    private int BleuOrder => Math.Clamp(Captions.Max(c => CaptionWords.Of(c).Length), 1, Bleu.UsualOrder);

    /// <summary>Reads images with captions, and trains what judges them.</summary>
    /// <param name="data">The documents.</param>
    /// <param name="count">Most held-out images to measure on.</param>
    /// <param name="seed">Of what judges, and of what models draw.</param>
    /// <param name="features">What Fréchet distances are measured in; stays the caller's. Null for features trained on these data.</param>
    /// <param name="judge">What tells how well images fit captions; stays the caller's. Null for networks trained on these data.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two documents or steps.</param>
    /// <exception cref="MotException">Too few images with one caption are held out, or they cannot be read.</exception>
    public static ImageEvaluation Create(DataRecipe data, int count, long seed, IImageFeatures? features = null, ICaptionScore? judge = null, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var pairs = PairSample<ImagePart>.Read(data, ModalityId.Image, MaxTraining, count, seed, cancellation);
        if (pairs.HeldOut.Length < 2 || pairs.Training.Length < 2)
            throw new MotException($"{pairs.HeldOut.Length} images with one caption are held out of {pairs.HeldOut.Length + pairs.Training.Length}, and 2 are needed on either side to measure images; change validation_fraction {data.ValidationFraction}");
        var matcher = CaptionMatcher.Train([.. pairs.Training.Select(p => (p.Text, p.Part.Image))], seed, progress: progress, cancellation: cancellation);
        try
        {
            return new(pairs, matcher, features, judge, seed);
        }
        catch
        {
            matcher.Dispose();
            throw;
        }
    }

    /// <summary>Lets a model draw every held-out caption, without guidance, and describe every held-out image.</summary>
    /// <exception cref="MotException">It cannot.</exception>
    public ImageScores Measure(MultimodalGenerator generator, CancellationToken cancellation = default)
    {
        var drawn = generator.GenerateImages(Captions, new() { Seed = _seed }, cancellation, sizedAs: HeldOutImages);
        return Described(generator.CaptionImages(HeldOutImages, Describing, CaptionTokens, cancellation)) with
        {
            FrechetDistance = Distance(drawn),
            CaptionScore = _judge.Score(drawn, Captions),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _features_NF.Dispose();
        _matcher.Dispose();
    }

    private ImageScores Described(IReadOnlyList<string> captions) => new() { Cider = Cider.OfCorpus(captions, Captions), Bleu = Bleu.OfCorpus(captions, Captions, BleuOrder) };

    private double Distance(IReadOnlyList<PixelImage> images)
    {
        using var scope = NewDisposeScope();
        return FrechetDistance.Between(_features.Of(images), _features_NF);
    }
}
