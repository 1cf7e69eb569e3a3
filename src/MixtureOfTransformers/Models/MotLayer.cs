// Legend: N packed tokens, D model width, H·K query width, G·K key/value width. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>One Mixture-of-Transformers layer: Algorithm 1 of arXiv:2411.04996.</summary>
/// <remarks>Projections, norms and feed-forward are untied by modality; attention alone sees every token. The residual stream stays grouped by tower,
/// so that each untied weight multiplies one contiguous block of rows. Line numbers are those of the printed algorithm; lines 3-5 (the index sets and
/// X_m) are <see cref="ModalityRouting"/>, made once per batch. W_Q, W_K and W_V are one matrix of width E, so that one multiplication serves line 6.</remarks>
public sealed class MotLayer : nn.Module<Tensor, ModalityRouting, AttentionContext, Tensor>
{
    [ComponentName(Name = "wqkv")] private readonly PerTower<Linear> _wqkv;
    [ComponentName(Name = "qk_norm")] private readonly QueryKeyNorm? _qkNorm;
    [ComponentName(Name = "wo")] private readonly PerTower<Linear> _wo;
    [ComponentName(Name = "feed_forward")] private readonly PerTower<FeedForward>? _feedForward;
    [ComponentName(Name = "feed_forward")] private readonly ExpertFeedForward? _experts; // in place of the one above
    [ComponentName(Name = "attention_norm")] private readonly PerTower<RmsNorm> _attentionNorm;
    [ComponentName(Name = "ffn_norm")] private readonly PerTower<RmsNorm> _ffnNorm;
    [ComponentName(Name = "depth")] private readonly DepthRouter? _depth;
    private readonly int _index;
    private readonly long[] _qkvWidths;
    private readonly bool _normaliseOutput;

    /// <summary>Layer <paramref name="index"/> of a model; weights are not yet initialised, see <see cref="Initialization"/>.</summary>
    public MotLayer(MotConfig config, int index, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(MotLayer))
    {
        int keyValueDim = config.EffectiveKeyValueHeadCount * config.HeadDim, qkvDim = config.AttentionDim + (2 * keyValueDim);
        _wqkv = new(config.CopiesOf(UntiedParts.QueryKeyValue), tower => new Linear(config.DimOf(tower), qkvDim, device, dtype), TowerWidths.OfQueryKeyValue(config, qkvDim));
        _qkNorm = config.QkNorm == QkNorm.None ? null : new QueryKeyNorm(config, device, dtype);
        _wo = new(config.CopiesOf(UntiedParts.Output), tower => new Linear(config.AttentionDim, config.DimOf(tower), device, dtype), TowerWidths.OfOutput(config));
        if (config.HasExperts)
            _experts = new(config, index, device, dtype);
        else
            _feedForward = new(config.CopiesOf(UntiedParts.FeedForward), tower => new FeedForward(config.DimOf(tower), config.FeedForwardDimOf(tower), device, dtype), TowerWidths.OfFeedForward(config));
        _attentionNorm = new(config.CopiesOf(UntiedParts.Norms), tower => new RmsNorm(config.DimOf(tower), config.NormEpsilon, device, dtype), TowerWidths.OfStream(config));
        _ffnNorm = new(config.CopiesOf(UntiedParts.Norms), tower => new RmsNorm(config.DimOf(tower), config.NormEpsilon, device, dtype), TowerWidths.OfStream(config));
        _depth = config.MixtureOfDepths?.Has(index) == true ? new(config, index, device, dtype) : null;
        (_index, _qkvWidths, _normaliseOutput) = (index, [config.AttentionDim, keyValueDim, keyValueDim], config.NormPlacement == NormPlacement.Output);
        RegisterComponents();
    }

    /// <summary>The experts of this layer; null where no tower has any.</summary>
    public ExpertFeedForward? Experts => _experts;

    /// <summary>Decides which tokens pass this layer; null where all do.</summary>
    public DepthRouter? Depth => _depth;

    /// <param name="xm_ND">Residual stream grouped by tower, [N, D], any float dtype.</param>
    /// <param name="routing">Where each tower's tokens are; built once per batch.</param>
    /// <param name="context">Positions, mask and cache.</param>
    /// <returns>[N, D], grouped by tower, owned by the caller's scope.</returns>
    /// <exception cref="ArgumentException">The rows of <paramref name="xm_ND"/> do not sum to the routing's counts.</exception>
    public override Tensor forward(Tensor xm_ND, ModalityRouting routing, AttentionContext context)
    {
        routing.ThrowIfNotGrouped(xm_ND);
        using var scope = NewDisposeScope();
        return (_depth is null ? Transform(xm_ND, routing, context) : _depth.Pass(xm_ND, routing, context, Transform)).MoveToOuterDisposeScope();
    }

    /// <summary>The same for the last token of every row alone. Keys and values of all go to the cache. Without gradients.</summary>
    /// <returns>[B, D], grouped by tower, owned by the caller's scope.</returns>
    internal Tensor Last(Tensor xm_ND, ModalityRouting routing, AttentionContext context, LastTokens last)
    {
        using var scope = NewDisposeScope();
        var xm_BD = _depth is not null || _experts is not null ? last.Of(call(xm_ND, routing, context)) : Transform(xm_ND, routing, context, last); // routers ask for whole rows
        return xm_BD.MoveToOuterDisposeScope();
    }

    private Tensor Transform(Tensor xm_ND, ModalityRouting routing, AttentionContext context) => Transform(xm_ND, routing, context, null);

    private Tensor Transform(Tensor xm_ND, ModalityRouting routing, AttentionContext context, LastTokens? last) =>
        _normaliseOutput ? BranchOutputNorm(xm_ND, routing, context, last) : PreNorm(xm_ND, routing, context, last);

    private Tensor BranchOutputNorm(Tensor xm_ND, ModalityRouting routing, AttentionContext context, LastTokens? last)
    {
        var om_ND = SelfAttention(xm_ND, routing, context, last);                             // lines 6-11
        (xm_ND, routing) = Kept(xm_ND, routing, last);
        var hm_ND = _attentionNorm.Normalise(om_ND, routing, residualm_ND: xm_ND);            // line 12
        var fm_ND = FeedForward(hm_ND, routing, context);                                     // line 13
        return _ffnNorm.Normalise(fm_ND, routing, residualm_ND: hm_ND);                       // line 14
    }

    private Tensor PreNorm(Tensor xm_ND, ModalityRouting routing, AttentionContext context, LastTokens? last)
    {
        var om_ND = SelfAttention(_attentionNorm.Normalise(xm_ND, routing), routing, context, last);
        (xm_ND, routing) = Kept(xm_ND, routing, last);
        var hm_ND = xm_ND + om_ND;
        return hm_ND + FeedForward(_ffnNorm.Normalise(hm_ND, routing), routing, context);
    }

    private Tensor FeedForward(Tensor hm_ND, ModalityRouting routing, AttentionContext context) =>
        _experts is null ? _feedForward!.FeedForward(hm_ND, routing) : _experts.call(hm_ND, routing, context);

    private Tensor SelfAttention(Tensor xm_ND, ModalityRouting routing, AttentionContext context, LastTokens? last)
    {
        var qkvm_NE = _wqkv.Project(xm_ND, routing);                                          // line 6
        var am_ND = context.TryAttendFused(_index, qkvm_NE, _qkNorm, routing, last is not null) // lines 8-9 in one kernel, or step by step
            ?? AttendInSteps(qkvm_NE, routing, context);
        (am_ND, routing) = Kept(am_ND, routing, last);
        return _wo.Project(am_ND, routing);                                                   // line 11
    }

    /// <summary>All rows, or those of the last tokens where they alone are asked for.</summary>
    private static (Tensor Rows, ModalityRouting Routing) Kept(Tensor xm_ND, ModalityRouting routing, LastTokens? last) => last is null ? (xm_ND, routing) : (last.Of(xm_ND), last.Routing);

    private Tensor AttendInSteps(Tensor qkvm_NE, ModalityRouting routing, AttentionContext context)
    {
        var qkv = qkvm_NE.split(_qkvWidths, -1);
        var (qm_ND, km_ND) = _qkNorm is null ? (qkv[0], qkv[1]) : _qkNorm.Normalise(qkv[0], qkv[1], routing);
        return context.Attend(_index, qm_ND, km_ND, qkv[2], routing);                         // lines 8-9
    }
}
