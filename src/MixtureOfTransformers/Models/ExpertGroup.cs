// Legend: N rows, D model width, E experts.
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The experts of one tower and their router; a single expert has none.</summary>
public sealed class ExpertGroup : nn.Module
{
    [ComponentName(Name = "experts")] private readonly TorchSharp.Modules.ModuleList<FeedForward> _experts;
    [ComponentName(Name = "router")] private readonly Linear? _router;
    private readonly ExpertChoice _choice;

    /// <summary>A group of <paramref name="count"/> experts.</summary>
    public ExpertGroup(MotConfig config, int count, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(ExpertGroup))
    {
        _experts = [.. Enumerable.Range(0, count).Select(_ => new FeedForward(config.Dim, config.EffectiveFeedForwardDim, device, dtype))];
        _router = count > 1 ? new Linear(config.Dim, count, device, dtype) : null;
        _choice = config.ExpertChoice;
        RegisterComponents();
    }

    /// <summary>The experts; owned by this module.</summary>
    public IReadOnlyList<FeedForward> Experts => [.. _experts];

    /// <summary>Whether there is something to choose.</summary>
    public bool HasRouter => _router is not null;

    /// <summary>The weight of each expert for each token.</summary>
    /// <param name="x_ND">[N, D].</param>
    /// <param name="noise">Seed of the noise; null for none.</param>
    /// <returns>[N, E], at least fp32 whatever the dtype of <paramref name="x_ND"/>: choices must not hang on rounding. Owned by the caller's scope.</returns>
    internal Tensor Weights(Tensor x_ND, ulong? noise)
    {
        using var scope = NewDisposeScope();
        var scores_NE = _router!.call(x_ND.dtype == ScalarType.BFloat16 ? x_ND.to(ScalarType.Float32) : x_ND);
        if (noise is { } seed && _choice.GumbelNoise)
            scores_NE = scores_NE + Logistic(scores_NE, seed);
        return (_choice.Gate == ExpertGate.Sigmoid ? scores_NE.sigmoid() : scores_NE.softmax(-1)).MoveToOuterDisposeScope();
    }

    /// <summary>The difference of two Gumbel variables is logistic.</summary>
    private static Tensor Logistic(Tensor like, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        return Upload.To(rand(like.shape, like.dtype, generator: generator).logit(1e-6), like.device).MoveToOuterDisposeScope();
    }
}
