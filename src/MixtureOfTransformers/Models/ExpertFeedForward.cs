// Legend: N packed tokens grouped by tower, D model width, M slots (see ExpertSelection).
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The feed-forward layers of all towers where at least one has experts: y = Σ weight_e · FFN_e(x) over the experts that process a token (SPEC §8), and the plain layer
/// in towers of a single expert. A token that no expert takes gets 0. Padding competes with no token.</summary>
/// <remarks>All experts of all towers are one product over rows sorted by expert, as towers are.</remarks>
public sealed class ExpertFeedForward : nn.Module<Tensor, ModalityRouting, AttentionContext, Tensor>
{
    private readonly ExpertGroup[] _towers;
    private readonly ExpertChoice _choice;
    private readonly int _layer;

    /// <summary>The experts of layer <paramref name="layer"/>; names in a checkpoint are <c>0.experts.2.w13</c> and <c>0.router</c>, tower first.</summary>
    public ExpertFeedForward(MotConfig config, int layer, Device device, ScalarType dtype = ScalarType.Float32) : base(nameof(ExpertFeedForward))
    {
        _towers = [.. config.Experts.Select(count => new ExpertGroup(config, count, device, dtype))];
        (_choice, _layer) = (config.ExpertChoice, layer);
        for (var tower = 0; tower < _towers.Length; tower++)
            register_module($"{tower}", _towers[tower]);
    }

    /// <summary>The experts by tower; owned by this module.</summary>
    public IReadOnlyList<ExpertGroup> Towers => _towers;

    /// <summary>Who decides.</summary>
    internal ExpertRouting Routing { get; set; }

    /// <summary>Seed of the noise on scores; null for none.</summary>
    internal ulong? NoiseSeed { get; set; }

    /// <summary>Told of every decision; null for nobody.</summary>
    internal Action<ExpertDecision>? Observer { get; set; }

    /// <summary>Routers that foretell the experts' choice by tower, null in towers of one expert; empty where there are none.</summary>
    internal IReadOnlyList<AuxiliaryRouter?> AuxiliaryRouters { get; set; } = [];

    /// <param name="xm_ND">[N, D], grouped by tower.</param>
    /// <param name="routing">Rows per tower.</param>
    /// <param name="context">Rows of the batch.</param>
    /// <returns>[N, D], grouped by tower, owned by the caller's scope.</returns>
    public override Tensor forward(Tensor xm_ND, ModalityRouting routing, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var isShared = _towers.Length == 1;
        var decides = Routing == ExpertRouting.ExpertChoice && context.HasCache ? AuxiliaryRouters.Count > 0 ? ExpertRouting.Auxiliary : ExpertRouting.TokenChoice : Routing;
        var selections = _towers.Select((group, tower) => Select(group, tower, decides, xm_ND, new(routing, isShared ? null : tower, context))).ToArray();
        var rows_M = selections.Length == 1 ? selections[0].Rows : cat([.. selections.Select(s => s.Rows)]);
        var weight_M = selections.Length == 1 ? selections[0].Weights : cat([.. selections.Select(s => s.Weights)]);
        var experts = _towers.SelectMany(group => group.Experts).ToArray();
        var counts = selections.SelectMany(s => s.Counts).ToArray();
        return Run(xm_ND, rows_M, weight_M, experts, counts).MoveToOuterDisposeScope();
    }

    private ExpertSelection Select(ExpertGroup group, int tower, ExpertRouting decides, Tensor xm_ND, ExpertPools rows)
    {
        if (!group.HasRouter)
            return ExpertSelection.All(rows.First, rows.Count, xm_ND);
        var x_ND = xm_ND.narrow(0, rows.First, rows.Count);
        var weights_NE = group.Weights(x_ND, NoiseSeed + (((ulong)_layer << 32) | (uint)tower));
        var selection = decides switch
        {
            ExpertRouting.ExpertChoice => ExpertSelection.ByExperts(weights_NE, rows.First, rows.Lengths(_choice.Pool), rows.Padding, _choice),
            ExpertRouting.TokenChoice => ExpertSelection.ByMask(weights_NE, rows.First, ExpertSelection.BestOfEachRow(weights_NE, _choice.Capacity)),
            _ => ExpertSelection.ByMask(weights_NE, rows.First, AuxiliaryRouters[tower]!.Foretell(x_ND)),
        };
        Observer?.Invoke(new(_layer, tower, rows.First, x_ND, weights_NE, selection.Chosen(rows.First, rows.Count), rows.Padding.Contains(true) ? tensor(rows.Padding.ToArray(), device: x_ND.device) : null));
        return selection;
    }

    private static Tensor Run(Tensor xm_ND, Tensor rows_M, Tensor weight_M, FeedForward[] experts, int[] counts)
    {
        if (FusedSpread.Supports(xm_ND) && weight_M.dtype == ScalarType.Float32)
        {
            var table = new SlotTable(rows_M.data<long>().ToArray(), (int)xm_ND.shape[0]);
            return FusedCollect.Apply(TowerOperations.FeedForward(experts, FusedSpread.Apply(xm_ND, table), Offsets(counts)), weight_M, table);
        }
        var x_MD = xm_ND.index_select(0, rows_M);
        var f_MD = TowerOperations.FeedForward(experts, x_MD, Offsets(counts));
        return zeros_like(xm_ND).index_add(0, rows_M, f_MD * weight_M.to(f_MD.dtype).unsqueeze(1), 1);
    }

    private static int[] Offsets(int[] counts)
    {
        var offsets = new int[counts.Length];
        for (var i = 1; i < counts.Length; i++)
            offsets[i] = offsets[i - 1] + counts[i - 1];
        return offsets;
    }
}
