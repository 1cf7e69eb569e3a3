using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>A model that continues synthetic prompts, timed up to its first token (prefill) and from there on (decoding).</summary>
/// <remarks>Every second row of a batch ends inside an image, so that several rows keep two towers busy; a single row writes text.</remarks>
internal sealed class DecodedModel : IDisposable
{
    /// <summary>Tokens of a prompt.</summary>
    public const int PromptLength = 512;

    /// <summary>Tokens generated after it.</summary>
    public const int NewTokens = 64;

    private const int ImageCodes = 256;
    private const long Seed = 1;

    private readonly MotModel _model;
    private readonly InterleavedDecoder _decoder;
    private readonly Vocabulary _vocabulary;
    private readonly TimeProvider _time;

    /// <param name="name">Names it in results.</param>
    /// <param name="config">The architecture; its modalities are text and image.</param>
    /// <param name="computeType">Dtype of activations.</param>
    /// <param name="device">Where it lives.</param>
    /// <param name="time">The clock.</param>
    public DecodedModel(string name, MotConfig config, ScalarType computeType, Device device, TimeProvider time)
    {
        using var generator = new Generator(1);
        (Name, _time, _vocabulary) = (name, time, SyntheticTokens.VocabularyOf(config, ImageCodes));
        _model = new(config, device, generator, computeType);
        _decoder = new(_model, _vocabulary);
    }

    /// <summary>Its name in results.</summary>
    public string Name { get; }

    /// <summary>Bytes of its weights.</summary>
    public long StaticBytes => sizeof(float) * ParameterCount.Of(_model.Config).Total;

    /// <summary>Towers that so many rows use.</summary>
    public int TowersInUse(int rows) => Math.Min(rows, _model.Config.TowerCount);

    /// <summary>Continues prompts by <see cref="NewTokens"/> tokens each, the most probable ones.</summary>
    /// <param name="rows">Prompts, decoded as one batch.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>Seconds to the first token of every row, and seconds of one step of one token per row after it, on average.</returns>
    public (double Prefill, double Step) Run(int rows, CancellationToken cancellation)
    {
        var random = new SeededRandom(Seed);
        var requests = Enumerable.Range(0, rows).Select(row => Request(isImage: row % 2 == 1, random)).ToList();
        var stamps = new List<long>(NewTokens);
        var start = _time.GetTimestamp();
        _decoder.Decode(requests, (row, _) =>
        {
            if (row == 0)
                stamps.Add(_time.GetTimestamp());
        }, cancellation);
        return (_time.GetElapsedTime(start, stamps[0]).TotalSeconds, _time.GetElapsedTime(stamps[0], stamps[^1]).TotalSeconds / (stamps.Count - 1));
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private DecodingRequest Request(bool isImage, SeededRandom random) => new()
    {
        Prompt = SyntheticTokens.CreatePrompt(_vocabulary, PromptLength, isImage ? ImageCodes - NewTokens + 1 : null, random), // what is left of the image, EOI included
        Sampling = new SamplingOptions { Text = SamplingRule.Greedy, Image = SamplingRule.Greedy },
        MaxTokens = NewTokens,
        MaxImages = isImage ? null : 0,
        StopAtEndOfSequence = false,
    };
}
