// Legend: N packed tokens grouped by tower, M of them that pass, D model width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Lets the best-scored tokens pass a layer, and all others skip it: y = x + gate · (layer(x) − x), see <see cref="MixtureOfDepths"/>. Those that pass are a batch of their own:
/// attention is among them alone, at their places in their documents. Waits for the device.</summary>
public sealed class DepthRouter : nn.Module
{
    private const double Threshold = 0.5;
    [ComponentName(Name = "router")] private readonly Linear _router;
    private readonly MixtureOfDepths _depths;
    private readonly int _layer;

    /// <summary>The gate of layer <paramref name="layer"/>, one vector [1, D], not yet initialised.</summary>
    public DepthRouter(MotConfig config, int layer, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(DepthRouter))
    {
        _router = new Linear(config.Dim, 1, device, dtype);
        (_depths, _layer) = (config.MixtureOfDepths!, layer);
        RegisterComponents();
    }

    /// <summary>Who decides. By token choice a token passes where its gate exceeds 0.5, however many that are.</summary>
    internal ExpertRouting Routing { get; set; }

    /// <summary>Foretells whether a token passes; null for none.</summary>
    internal AuxiliaryRouter? AuxiliaryRouter { get; set; }

    /// <summary>Told of every decision; null for nobody.</summary>
    internal Action<DepthDecision>? Observer { get; set; }

    /// <summary>Runs a layer on the tokens that pass.</summary>
    /// <param name="xm_ND">[N, D], grouped by tower.</param>
    /// <param name="routing">Where each tower's tokens are.</param>
    /// <param name="context">Positions and documents, perhaps a cache; no mask.</param>
    /// <param name="layer">The layer, from [M, D] with routing and context of its own to [M, D].</param>
    /// <returns>[N, D], grouped by tower, owned by the caller's scope.</returns>
    internal Tensor Pass(Tensor xm_ND, ModalityRouting routing, AttentionContext context, Func<Tensor, ModalityRouting, AttentionContext, Tensor> layer)
    {
        using var scope = NewDisposeScope();
        var gate_N = _router.call(xm_ND.dtype == ScalarType.BFloat16 ? xm_ND.to(ScalarType.Float32) : xm_ND).squeeze(1).sigmoid();
        if (context.HasCache)
            return PassOverCache(xm_ND, gate_N, routing, context, layer).MoveToOuterDisposeScope();
        var tokens = Choose(xm_ND, gate_N, routing, context);
        if (tokens.Length == 0)
            return xm_ND.alias().MoveToOuterDisposeScope();
        using var passing = routing.Subset(tokens, context.Length, xm_ND.device);
        using var passingContext = context.Subset(tokens);
        var rows_M = Upload.To(tensor(routing.RowsOf(tokens)), xm_ND.device);
        return Scale(xm_ND, rows_M, gate_N.index_select(0, rows_M), x_MD => layer(x_MD, passing, passingContext)).MoveToOuterDisposeScope();
    }

    /// <summary>The same where tokens come in over time, and each is decided on by itself. All go through the layer; those that skip it stay as they are, and are seen by nobody there.</summary>
    private Tensor PassOverCache(Tensor xm_ND, Tensor gate_N, ModalityRouting routing, AttentionContext context, Func<Tensor, ModalityRouting, AttentionContext, Tensor> layer)
    {
        var isForetold = Routing == ExpertRouting.Auxiliary || (Routing == ExpertRouting.ExpertChoice && AuxiliaryRouter is not null);
        var passes_N = isForetold ? AuxiliaryRouter!.Foretell(xm_ND).squeeze(1) : gate_N > Threshold;
        context.Skip(_layer, routing.Restore(passes_N).logical_not());
        var change_ND = (layer(xm_ND, routing, context) - xm_ND) * gate_N.to(xm_ND.dtype).unsqueeze(1);
        return where(passes_N.unsqueeze(1), xm_ND + change_ND, xm_ND);
    }

    private static Tensor Scale(Tensor xm_ND, Tensor rows_M, Tensor gate_M, Func<Tensor, Tensor> layer)
    {
        if (FusedSpread.Supports(xm_ND) && gate_M.dtype == ScalarType.Float32)
        {
            var table = new SlotTable(rows_M.data<long>().ToArray(), (int)xm_ND.shape[0]);
            var slots_MD = FusedSpread.Apply(xm_ND, table);
            return xm_ND + FusedCollect.Apply(layer(slots_MD) - slots_MD, gate_M, table);
        }
        var x_MD = xm_ND.index_select(0, rows_M);
        return xm_ND.index_add(0, rows_M, (layer(x_MD) - x_MD) * gate_M.to(x_MD.dtype).unsqueeze(1), 1);
    }

    /// <summary>The tokens that pass, by place in the batch, rising.</summary>
    private int[] Choose(Tensor xm_ND, Tensor gate_N, ModalityRouting routing, AttentionContext context)
    {
        var real = context.RealTokens();
        var gates = OfTokens(gate_N, routing);
        var foretold = Routing == ExpertRouting.Auxiliary ? OfTokens(AuxiliaryRouter!.call(xm_ND).squeeze(1).sigmoid(), routing) : [];
        int[] tokens = Routing switch
        {
            ExpertRouting.TokenChoice => [.. real.Where(token => gates[token] > Threshold)],
            ExpertRouting.Auxiliary => [.. real.Where(token => foretold[token] > Threshold)],
            _ => [.. real.GroupBy(token => _depths.Pool == ExpertPool.Batch ? 0 : token / context.Length)
                .SelectMany(pool => pool.OrderByDescending(token => gates[token]).Take(_depths.TokensOf(pool.Count()))).Order()],
        };
        if (Observer is not null)
            Tell(xm_ND, gate_N, routing, real, tokens);
        return tokens;
    }

    private void Tell(Tensor xm_ND, Tensor gate_N, ModalityRouting routing, int[] real, int[] tokens)
    {
        using var scope = NewDisposeScope();
        var places = tensor(real.Select(token => (long)token).ToArray(), device: xm_ND.device);
        var passes = tensor(real.Select(token => Array.BinarySearch(tokens, token) >= 0).ToArray(), device: xm_ND.device);
        Observer!(new(_layer, routing.Restore(xm_ND).index_select(0, places), routing.Restore(gate_N).index_select(0, places), passes));
    }

    private static double[] OfTokens(Tensor xm_N, ModalityRouting routing) => routing.Restore(xm_N.detach()).to(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
}
