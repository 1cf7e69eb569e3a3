// Legend: N packed tokens grouped by tower, D_m width of a tower.
using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The columns that each tower uses where towers differ in width: a narrower one has the first of each row, and the others are zero.</summary>
/// <param name="Inputs">Columns that each tower takes.</param>
/// <param name="Output">Columns of the result.</param>
public sealed record TowerWidths(ImmutableArray<int> Inputs, int Output)
{
    /// <summary>Each tower its own width, results as wide as the widest; null where all are equal.</summary>
    public static TowerWidths? OfStream(MotConfig config) => config.HasNarrowTowers ? new(Towers(config.DimOf, config), config.Dim) : null;

    /// <summary>The same for the feed-forward layers, which may differ inside alone.</summary>
    internal static TowerWidths? OfFeedForward(MotConfig config) => config.HasUnequalTowers ? new(Towers(config.DimOf, config), config.Dim) : null;

    /// <summary>For queries, keys and values: each tower takes its own width, results are all equally wide.</summary>
    internal static TowerWidths? OfQueryKeyValue(MotConfig config, int output) => config.HasNarrowTowers ? new(Towers(config.DimOf, config), output) : null;

    /// <summary>For the output projection: attention is equally wide in all towers.</summary>
    internal static TowerWidths? OfOutput(MotConfig config) => config.HasNarrowTowers ? new(Towers(_ => config.AttentionDim, config), config.Dim) : null;

    /// <summary>Runs every tower on its own rows and columns. While training, a tower without rows takes part; see <see cref="PerTower{TModule}"/>.</summary>
    /// <param name="xm_ND">[N, …], at least as wide as any tower.</param>
    /// <param name="routing">Rows per tower.</param>
    /// <param name="run">From tower and rows, [n, D_m], to rows of its result.</param>
    /// <returns>[N, <see cref="Output"/>], owned by the caller's scope.</returns>
    internal Tensor Apply(Tensor xm_ND, ModalityRouting routing, Func<int, Tensor, Tensor> run)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>(Inputs.Length);
        for (var tower = 0; tower < Inputs.Length; tower++)
            if (routing.Counts[tower] > 0 || is_grad_enabled())
                parts.Add(Pad(run(tower, Slice(xm_ND, routing, tower))));
        return (parts.Count == 1 ? parts[0].alias() : cat(parts, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>The rows and columns of one tower, [n, D_m], a view.</summary>
    internal Tensor Slice(Tensor xm_ND, ModalityRouting routing, int tower) => xm_ND.narrow(0, routing.Offsets[tower], routing.Counts[tower]).narrow(1, 0, Inputs[tower]);

    private Tensor Pad(Tensor y) => y.shape[1] == Output ? y : nn.functional.pad(y, [0, Output - y.shape[1]]);

    private static ImmutableArray<int> Towers(Func<int, int> width, MotConfig config) => [.. Enumerable.Range(0, config.TowerCount).Select(width)];
}
