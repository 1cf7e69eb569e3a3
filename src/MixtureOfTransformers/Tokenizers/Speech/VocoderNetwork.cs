// Legend: B stretches, M frames, F mel bands, W channels, K frequencies.
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>The network of a vocoder: from log-mel frames the spectrum of each, magnitudes as logarithms and phases as angles, in the manner of Vocos (Siuzdak 2023), with the residual blocks of the
/// tokenizers in place of ConvNeXt's.</summary>
/// <remarks>Magnitudes have a linear path of their own, which starts as what the bands around a frequency say of it, so that only what they leave open is learned.</remarks>
internal sealed class VocoderNetwork : nn.Module<Tensor, Tensor>
{
    private const int InputKernel = 7;
    private const double OutputGain = 0.3;
    private const double Tiny = 1e-6;
    private static readonly double _nepersPerDb = Math.Log(10) / 20;

    [ComponentName(Name = "linear")] private readonly Convolution _linear;
    [ComponentName(Name = "input")] private readonly Convolution _input;
    [ComponentName(Name = "blocks")] private readonly ModuleList<ResidualBlock> _blocks;
    [ComponentName(Name = "output")] private readonly Convolution _output;
    private readonly MelShape _shape;
    private readonly int _frequencies;

    /// <summary>Not yet initialised.</summary>
    public VocoderNetwork(VocoderConfig config, MelShape shape) : base(nameof(VocoderNetwork))
    {
        (_shape, _frequencies) = (shape, (shape.FftLength / 2) + 1);
        _linear = new(shape.MelCount, _frequencies, 1);
        _input = new(shape.MelCount, config.Width, InputKernel, kernelRows: 1);
        _blocks = new([.. Enumerable.Range(0, config.BlockCount).Select(_ => new ResidualBlock(config.Width, kernelRows: 1))]);
        _output = new(config.Width, 2 * _frequencies, 1);
        RegisterComponents();
    }

    /// <summary>Frames on either side that a spectrum depends on.</summary>
    public int Context => (InputKernel / 2) + _blocks.Count;

    /// <summary>The magnitude of a constant of full scale; its logarithm is the largest that the network gives.</summary>
    private double FullScale => _shape.Window / 2.0;

    /// <summary>Draws the weights.</summary>
    public void Initialize(Generator generator)
    {
        InitializeLinear();
        _input.Initialize(1, generator);
        foreach (var block in _blocks)
            block.Initialize(generator);
        _output.Initialize(OutputGain, generator);
    }

    /// <param name="mel_BMF">[B, M, F] in dB.</param>
    /// <returns>Complex [B, K, M], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor mel_BMF)
    {
        using var scope = NewDisposeScope();
        var x_BF1M = ((mel_BMF - MelShape.MiddleDb) / MelShape.UnitDb).transpose(1, 2).unsqueeze(2);
        var h_BW1M = _input.call(x_BF1M);
        foreach (var block in _blocks)
            h_BW1M = block.call(h_BW1M);
        var spectrum_BKM = _output.call(h_BW1M.relu()).squeeze(2);
        var logarithm_BKM = spectrum_BKM.narrow(1, 0, _frequencies) + _linear.call(x_BF1M).squeeze(2);
        var phase_BKM = spectrum_BKM.narrow(1, _frequencies, _frequencies) * Math.PI;
        return polar(logarithm_BKM.clamp_max(Math.Log(FullScale)).exp(), phase_BKM).MoveToOuterDisposeScope();
    }

    /// <summary>A frequency has the magnitude of the bands that cover it, each taken for flat; one that no band covers is silent.</summary>
    private void InitializeLinear()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var filters_FK = tensor(MelFilters.Create(_shape.MelCount, _shape.SampleRate, _shape.FftLength));
        var share_FK = filters_FK / filters_FK.sum([0L], keepdim: true).clamp_min(Tiny);
        var covered_K = share_FK.sum([0L]);
        var breadth_F1 = filters_FK.sum([1L], keepdim: true).clamp_min(Tiny).log();
        _linear.Weight.copy_((share_FK.t() * (MelShape.UnitDb * _nepersPerDb)).reshape(_linear.Weight.shape));
        _linear.Bias.copy_((((covered_K * MelShape.MiddleDb) + ((1 - covered_K) * MelShape.FloorDb)) * _nepersPerDb) - (share_FK * breadth_F1).sum([0L]).div(2) + Math.Log(FullScale / 2));
    }
}
