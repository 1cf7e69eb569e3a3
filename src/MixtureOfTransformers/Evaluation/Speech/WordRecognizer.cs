// Legend: B clips, F bands, T frames, W words.
using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Tells which of a few words is said: a small convolutional classifier on log-mel frames, trained on recordings alone. It judges speech that came from tokens, and so knows
/// nothing of them.</summary>
internal sealed class WordRecognizer : IDisposable
{
    private const int DefaultSteps = 1500;
    private const int BatchSize = 32;
    private const double LearningRate = 2e-3;
    private const double NoiseLevel = 0.2; // standard deviation, of features of about unit scale
    private const int Margin = 12;         // frames of silence, together before and after the longest clip

    private readonly WordNetwork _network;
    private readonly WordFeatures _features;
    private readonly int _length;

    private WordRecognizer(ImmutableArray<string> words, WordNetwork network, WordFeatures features, int length) => (Words, _network, _features, _length) = (words, network, features, length);

    /// <summary>What it tells apart.</summary>
    public ImmutableArray<string> Words { get; }

    /// <summary>Trains one; with the same seed it is the same on the same machine and number of threads.</summary>
    /// <param name="words">What to tell apart.</param>
    /// <param name="examples">Original recordings of them.</param>
    /// <param name="seed">Seed of weights and order.</param>
    /// <param name="steps">Batches of 32.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public static WordRecognizer Train(ImmutableArray<string> words, IReadOnlyList<SpokenExample> examples, long seed, int steps = DefaultSteps, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var features = new WordFeatures(examples[0].Clip.SampleRate);
        var clips = examples.Select(e => (Frames: features.Of(e.Clip), Word: (long)words.IndexOf(e.Words))).ToArray();
        var length = clips.Max(c => c.Frames.Length / WordFeatures.BandCount) + Margin;
        var network = new WordNetwork(WordFeatures.BandCount, words.Length, generator);
        using var optimizer = optim.AdamW(network.parameters(), LearningRate, beta2: 0.99, weight_decay: 0.01);
        var random = new SeededRandom(seed, 3);
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var drawn = Enumerable.Range(0, BatchSize).Select(_ => random.Pick(clips)).ToArray();
            var x_BFT = WordFeatures.Scatter([.. drawn.Select(d => d.Frames)], length, random);
            foreach (var group in optimizer.ParamGroups)
                group.LearningRate = LearningRate * 0.5 * (1 + Math.Cos(Math.PI * step / steps));
            optimizer.zero_grad();
            nn.functional.cross_entropy(network.call(x_BFT + (randn(x_BFT.shape, generator: generator) * NoiseLevel)), tensor(drawn.Select(d => d.Word).ToArray())).backward();
            optimizer.step();
            progress?.Invoke((step + 1.0) / steps);
        }
        return new(words, network, features, length);
    }

    /// <summary>The likeliest word.</summary>
    public string Recognize(AudioClip clip)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return Words[(int)_network.call(WordFeatures.Place(_features.Of(clip), _length)).argmax().item<long>()];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _features.Dispose();
    }
}
