using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Images;
using MixtureOfTransformers.Generation;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Held-out images of which a recording says what is to be seen, and what judges whether an image is of what was said: a <see cref="CaptionMatcher"/>, trained on the training side alone, that has
/// to find the words among those of all these images.</summary>
internal sealed class SpokenImages : IDisposable
{
    private const int MaxTraining = 8000;
    private const int Most = 100;

    private readonly CaptionMatcher _matcher;

    private SpokenImages(ImmutableArray<SpokenExample> examples, CaptionMatcher matcher)
    {
        (Examples, _matcher) = (examples, matcher);
        OriginalMatched = Matched([.. examples.Select(e => e.Image!)]);
    }

    /// <summary>The recordings, each with its image.</summary>
    public ImmutableArray<SpokenExample> Examples { get; }

    /// <summary>The share of the images themselves of which the words are found, 0 to 1: the most that drawings can be hoped to reach.</summary>
    public double OriginalMatched { get; }

    /// <summary>Trains what judges; null where no held-out recording has an image.</summary>
    public static SpokenImages? Create(DataRecipe data, IEnumerable<SpokenExample> heldOut, long seed, CancellationToken cancellation)
    {
        ImmutableArray<SpokenExample> examples = [.. heldOut.Where(e => e.Image is not null).Take(Most)];
        if (examples.IsEmpty)
            return null;
        var pairs = PairSample<ImagePart>.Read(data, ModalityId.Image, MaxTraining, 1, seed, cancellation);
        return pairs.Training.IsEmpty ? null : new(examples, CaptionMatcher.Train([.. pairs.Training.Select(p => (p.Text, p.Part.Image))], seed, cancellation: cancellation));
    }

    /// <summary>Lets a model draw what recordings say.</summary>
    public static IReadOnlyList<PixelImage> Draw(MultimodalGenerator generator, IReadOnlyCollection<SpokenExample> examples, SamplingOptions sampling, CancellationToken cancellation) => examples.Count == 0 ? []
        : generator.DrawAfter([.. examples.Select(e => new Document("recording", [new SpeechPart(e.Clip)]))], sampling, cancellation);

    /// <summary>The share of images of which the words of the recording are found, 0 to 1.</summary>
    /// <param name="images">One for each of <see cref="Examples"/>.</param>
    public double Matched(IReadOnlyList<PixelImage> images)
    {
        var found = _matcher.Best(images, [.. Examples.Select(e => e.Words).Distinct()]);
        return Examples.Zip(found).Count(p => p.First.Words == p.Second) / (double)Examples.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _matcher.Dispose();
}
