// Legend: B rows, T tokens, N = B·T in sequence order, D model width, V vocabulary.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>The same mathematics as <see cref="MotModel"/>, written as the published sketch writes it: boolean masks for every untied part of every layer, separate
/// projections, libtorch's operations alone, all logits at once. It is what the grouped order is measured against.</summary>
internal sealed class NaiveMotModel : nn.Module
{
    [ComponentName(Name = "tok_embeddings")] private readonly Parameter _embeddings;
    [ComponentName(Name = "layers")] private readonly TorchSharp.Modules.ModuleList<NaiveMotLayer> _layers;
    [ComponentName(Name = "norm")] private readonly ByMask<NaiveNorm> _norm;
    [ComponentName(Name = "output")] private readonly NaiveLinear _head;
    private readonly MotConfig _config;
    private readonly ScalarType _computeType;

    /// <param name="source">The model whose weights are copied, on its device; one that <see cref="Supports"/> accepts.</param>
    /// <param name="length">Tokens per row, T.</param>
    public NaiveMotModel(MotModel source, int length) : base(nameof(NaiveMotModel))
    {
        (_config, _computeType) = (source.Config, source.ComputeType);
        if (!Supports(_config))
            throw new ArgumentException("the naive model has norms on branch outputs, RMS norms of queries and keys, as many key as query heads, and everything untied", nameof(source));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = source.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        _embeddings = new Parameter(weights["tok_embeddings"].detach().clone());
        _layers = [.. Enumerable.Range(0, _config.LayerCount).Select(i => new NaiveMotLayer(_config, length, name => weights[$"layers.{i}.{name}"]))];
        _norm = new(_config.EffectiveTowers.Select(tower => new NaiveNorm(weights[$"norm.{tower}.weight"], _config.NormEpsilon)));
        _head = new(weights["output.weight"]);
        RegisterComponents();
        foreach (var parameter in parameters())
            parameter.requires_grad_().DetachFromDisposeScope();
    }

    /// <summary>Whether the sketch covers this architecture: it is that of the paper's Chameleon runs.</summary>
    public static bool Supports(MotConfig config) => config is { HasUnequalTowers: false, ExplicitHeadDim: 0, NormPlacement: NormPlacement.Output, QkNorm: QkNorm.Rms, Untied: UntiedParts.All }
        && config.EffectiveKeyValueHeadCount == config.HeadCount && config.TowerCount == config.Modalities.Length;

    /// <summary>Next-token cross-entropy summed over the targets of <paramref name="batch"/>, in nats; a scalar owned by the caller's scope.</summary>
    /// <param name="batch">Rows of one document each.</param>
    public Tensor LossSum(Batch batch)
    {
        using var scope = NewDisposeScope();
        var device = _embeddings.device;
        using var rotary = new NaiveRotary(batch.Length, _config.HeadDim, _config.RopeTheta, _computeType, device);
        var modality_N = tensor(batch.Modalities, device: device);
        var masks = Enumerable.Range(0, _config.Modalities.Length).Select(m => modality_N.eq(m)).ToArray();
        var x_ND = _embeddings.index_select(0, tensor(batch.Inputs, device: device)).to(_computeType);
        foreach (var layer in _layers)
            x_ND = layer.call(x_ND, masks, rotary);
        var logits_NV = _head.call(_norm.call(x_ND, masks)).to(ScalarType.Float32);
        return nn.functional.cross_entropy(logits_NV, tensor(batch.Targets, device: device), ignore_index: Batch.IgnoredTarget, reduction: nn.Reduction.Sum).MoveToOuterDisposeScope();
    }
}
