// Legend: B clips, F bands, T frames, C channels, W words.
using MixtureOfTransformers.Tokenizers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>The network of a <see cref="WordRecognizer"/>: three convolutions along time, mean and maximum over time, one projection.</summary>
internal sealed class WordNetwork : nn.Module<Tensor, Tensor>
{
    private const double ReluGain = 1.4142135623730951;
    private const int Width = 64;

    [ComponentName(Name = "near")] private readonly Convolution _near;
    [ComponentName(Name = "middle")] private readonly Convolution _middle;
    [ComponentName(Name = "far")] private readonly Convolution _far;
    [ComponentName(Name = "head")] private readonly Convolution _head;

    public WordNetwork(int bands, int words, Generator generator) : base(nameof(WordNetwork))
    {
        _near = new(bands, Width, 5, kernelRows: 1);
        _middle = new(Width, Width, 5, kernelRows: 1);
        _far = new(Width, Width, 3, kernelRows: 1);
        _head = new(2 * Width, words, 1);
        RegisterComponents();
        foreach (var layer in (Convolution[])[_near, _middle, _far])
            layer.Initialize(ReluGain, generator);
        _head.Initialize(1, generator);
        foreach (var weight in state_dict().Values)
            weight.DetachFromDisposeScope(); // it lives until it is disposed, wherever it was built
    }

    /// <param name="x_BFT">[B, F, T].</param>
    /// <returns>Logits, [B, W], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_BFT)
    {
        using var scope = NewDisposeScope();
        var h_BC1T = Halve(_near.call(x_BFT.unsqueeze(2)).relu());
        h_BC1T = Halve(_middle.call(h_BC1T).relu());
        h_BC1T = _far.call(h_BC1T).relu();
        var summary = cat([h_BC1T.mean([3], keepdim: true), h_BC1T.amax([3], keepdim: true)], 1);
        return _head.call(summary).flatten(1).MoveToOuterDisposeScope();
    }

    private static Tensor Halve(Tensor x_BC1T) => nn.functional.max_pool2d(x_BC1T, [1, 2]);
}
