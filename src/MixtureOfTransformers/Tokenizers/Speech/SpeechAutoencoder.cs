// Legend: B stretches, T tokens of each, P values per token, N = B·T, D code dimension, M frames, F mel bands.
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>The network of a speech tokenizer: patches of log-mel frames to vectors, vectors to codes, codes to patches; the image tokenizer's with one row. Beside it the network that makes sound of frames, where there is one.</summary>
internal sealed class SpeechAutoencoder : nn.Module, IQuantizedAutoencoder
{
    [ComponentName(Name = "encoder")] private readonly PatchNetwork _encoder;
    [ComponentName(Name = "quantizer")] private readonly VectorQuantizer _quantizer;
    [ComponentName(Name = "decoder")] private readonly PatchNetwork _decoder;
    [ComponentName(Name = "vocoder")] private readonly VocoderNetwork? _vocoder;
    private readonly SpeechTokenizerConfig _config;

    /// <summary>Not yet initialised.</summary>
    public SpeechAutoencoder(SpeechTokenizerConfig config) : base(nameof(SpeechAutoencoder))
    {
        _config = config;
        _encoder = new(config.PatchDim, config.CodeDim, config.Width, config.BlockCount, kernelRows: 1);
        _quantizer = new(config.CodebookSize, config.CodeDim);
        _decoder = new(config.CodeDim, config.PatchDim, config.Width, config.BlockCount, kernelRows: 1);
        _vocoder = config.Vocoder is { } vocoder ? new(vocoder, config.MelShape) : null;
        RegisterComponents();
        foreach (var weight in state_dict().Values)
            weight.DetachFromDisposeScope(); // the network lives until it is disposed, wherever it was built
    }

    public VectorQuantizer Quantizer => _quantizer;

    /// <summary>Makes sound of frames; null where Griffin-Lim does. Owned by this module.</summary>
    public VocoderNetwork? Vocoder => _vocoder;

    /// <summary>The encoder's weights by name; owned by this module.</summary>
    public IEnumerable<(string Name, Tensor Weight)> EncoderState() => state_dict().Where(w => w.Key.StartsWith("encoder.", StringComparison.Ordinal)).Select(w => (w.Key, w.Value));

    /// <summary>The decoder's weights; owned by this module.</summary>
    public IEnumerable<TorchSharp.Modules.Parameter> DecoderParameters() => _decoder.parameters();

    /// <summary>The weights of encoder and decoder, without the vocoder's, which is trained by itself; owned by this module.</summary>
    public IEnumerable<TorchSharp.Modules.Parameter> CodecParameters() => [.. _encoder.parameters(), .. _decoder.parameters()];

    /// <inheritdoc/>
    public void Initialize(Tensor x_BTP, Generator generator)
    {
        using var patches_NP = x_BTP.reshape(-1, _config.PatchDim);
        PatchNetwork.InitializePair(_encoder, _decoder, patches_NP, _config.CodeDim, generator);
    }

    /// <param name="x_BTP">[B, T, P], from <see cref="Patches"/>.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public Tensor Encode(Tensor x_BTP)
    {
        using var scope = NewDisposeScope();
        return Rows(_encoder.call(x_BTP.transpose(1, 2).unsqueeze(2))).reshape(-1, _config.CodeDim).MoveToOuterDisposeScope();
    }

    /// <param name="z_ND">[N, D].</param>
    /// <param name="tokensPerExample">T.</param>
    /// <returns>[B, T, P], owned by the caller's scope.</returns>
    public Tensor Decode(Tensor z_ND, int tokensPerExample)
    {
        using var scope = NewDisposeScope();
        var grid = z_ND.view(-1, tokensPerExample, _config.CodeDim).transpose(1, 2).unsqueeze(2).contiguous();
        return Rows(_decoder.call(grid)).MoveToOuterDisposeScope();
    }

    /// <summary>Frames in dB, [M, F] with M a multiple of the frames per token, to the network's scale, [1, T, P]; owned by the caller's scope.</summary>
    public Tensor Patches(Tensor mel_MF)
    {
        using var scope = NewDisposeScope();
        return ((mel_MF - MelShape.MiddleDb) / MelShape.UnitDb).view(1, -1, _config.PatchDim).MoveToOuterDisposeScope();
    }

    /// <summary>The inverse of <see cref="Patches"/>: [M, F] in dB, owned by the caller's scope.</summary>
    public Tensor Frames(Tensor x_BTP)
    {
        using var scope = NewDisposeScope();
        return (x_BTP.reshape(-1, _config.MelCount) * MelShape.UnitDb).add_(MelShape.MiddleDb).MoveToOuterDisposeScope();
    }

    private static Tensor Rows(Tensor grid) => grid.squeeze(2).transpose(1, 2);
}
