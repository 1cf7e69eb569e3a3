// Legend: N tokens, D code dimension, M frames, F mel bands.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Sound to codes and codes to log-mel frames, a stretch at a time with the neighbours that each depends on, so that long recordings take little memory. Durations of runs are not its concern.</summary>
/// <param name="config">The shape of frames and codes.</param>
/// <param name="network">Stays the caller's.</param>
internal sealed class SpeechCoding(SpeechTokenizerConfig config, SpeechAutoencoder network) : IDisposable
{
    /// <summary>Sound to frames; owned by this object.</summary>
    public MelAnalysis Analysis { get; } = new(config.MelShape);

    /// <summary>Tokens that are made or played at once, which bounds the memory that long recordings take. Does not change the tokens.</summary>
    public int TokensAtOnce { get; set; } = 2048;

    /// <summary>Tokens on either side that one depends on, in the encoder as in the decoder.</summary>
    private int Context => config.BlockCount + 1;

    /// <summary>The codes of a recording, as they are asked for.</summary>
    /// <param name="level">Of the recording.</param>
    /// <param name="blocks">Its samples, at the rate of the configuration.</param>
    public IEnumerable<int> Codes(SpeechLevel level, IEnumerable<ReadOnlyMemory<float>> blocks)
    {
        using var samples = new SlidingSamples(blocks);
        var tokens = (level.Length + config.SamplesPerToken - 1) / config.SamplesPerToken;
        for (var first = 0L; first < tokens; first += TokensAtOnce)
            foreach (var code in Codes(level, samples, first, (int)Math.Min(TokensAtOnce, tokens - first), tokens))
                yield return code;
    }

    /// <summary>Some of the frames of a sequence of codes.</summary>
    /// <param name="codes">All of them.</param>
    /// <param name="first">The first frame.</param>
    /// <param name="count">How many.</param>
    /// <returns>[M, F] in dB, owned by the caller's scope.</returns>
    public Tensor Frames(int[] codes, int first, int count)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (count == 0)
            return empty(0, config.MelCount).MoveToOuterDisposeScope();
        var from = Math.Max(0, (first / config.FramesPerToken) - Context);
        var to = Math.Min(codes.Length, ((first + count - 1) / config.FramesPerToken) + 1 + Context);
        var q_ND = network.Quantizer.Lookup(tensor(codes[from..to]).to(ScalarType.Int64));
        return network.Frames(network.Decode(q_ND, to - from)).narrow(0, first - (from * config.FramesPerToken), count).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Analysis.Dispose();

    private int[] Codes(SpeechLevel level, SlidingSamples samples, long first, int count, long tokens)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (from, to) = (Math.Max(0, first - Context), Math.Min(tokens, first + count + Context));
        var mel_MF = Analysis.Frames(from * config.FramesPerToken, (int)(to - from) * config.FramesPerToken, (start, end) =>
        {
            var stretch = samples.Read(start, end);
            level.Apply(stretch, start);
            return stretch;
        });
        var z_ND = network.Encode(network.Patches(mel_MF)).narrow(0, first - from, count);
        return network.Quantizer.Nearest(z_ND).Codes.to(ScalarType.Int32).data<int>().ToArray();
    }
}
