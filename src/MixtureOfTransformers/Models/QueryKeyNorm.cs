// Legend: N packed tokens grouped by tower, H heads, K head width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Per-tower normalisation of queries and keys over each head's width; the weight is shared by the heads.</summary>
public sealed class QueryKeyNorm : nn.Module
{
    [ComponentName(Name = "q")] private readonly PerTower<nn.Module<Tensor, Tensor>> _query;
    [ComponentName(Name = "k")] private readonly PerTower<nn.Module<Tensor, Tensor>> _key;
    private readonly int _headDim;

    /// <summary>Norms of the kind that <paramref name="config"/> names.</summary>
    public QueryKeyNorm(MotConfig config, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(QueryKeyNorm))
    {
        nn.Module<Tensor, Tensor> Create(int tower) => config.QkNorm == QkNorm.Layer
            ? new HeadLayerNorm(config.HeadDim, config.NormEpsilon, device, dtype)
            : new RmsNorm(config.HeadDim, config.NormEpsilon, device, dtype);
        _query = new(config.CopiesOf(UntiedParts.Norms), Create);
        _key = new(config.CopiesOf(UntiedParts.Norms), Create);
        (_headDim, IsRms) = (config.HeadDim, config.QkNorm == QkNorm.Rms);
        RegisterComponents();
    }

    /// <summary>Whether it is an RMSNorm.</summary>
    internal bool IsRms { get; }

    /// <summary>The RMSNorm weights of queries, one [K] per copy.</summary>
    internal IReadOnlyList<Tensor> QueryWeights => _query.Weights(copy => ((RmsNorm)copy).Weight);

    /// <summary>Those of keys.</summary>
    internal IReadOnlyList<Tensor> KeyWeights => _key.Weights(copy => ((RmsNorm)copy).Weight);

    /// <summary>First grouped row of each copy.</summary>
    internal int[] Offsets(ModalityRouting routing) => _query.Offsets(routing);

    /// <summary>Normalises.</summary>
    /// <param name="qm_ND">Queries grouped by tower, [N, H·K].</param>
    /// <param name="km_ND">Keys grouped by tower, [N, G·K].</param>
    /// <param name="routing">Rows per tower.</param>
    /// <returns>Both, same shapes, owned by the caller's scope.</returns>
    public (Tensor Queries, Tensor Keys) Normalise(Tensor qm_ND, Tensor km_ND, ModalityRouting routing) =>
        (PerHead(_query, qm_ND, routing), PerHead(_key, km_ND, routing));

    private Tensor PerHead(PerTower<nn.Module<Tensor, Tensor>> norm, Tensor x_ND, ModalityRouting routing)
    {
        using var scope = NewDisposeScope();
        var x_NHK = x_ND.reshape(x_ND.shape[0], -1, _headDim);
        var y_NHK = IsRms && FusedKernels.StandInFor(x_ND)
            ? TowerOperations.Normalise(x_NHK, null, norm.Weights(copy => (Tensor)((RmsNorm)copy).Weight), norm.Offsets(routing), ((RmsNorm)norm.Copies[0]).Epsilon)
            : norm.call(x_NHK, routing);
        return y_NHK.reshape(x_ND.shape[0], -1).MoveToOuterDisposeScope();
    }
}
