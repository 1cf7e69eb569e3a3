// Legend: N packed tokens grouped by tower.
using MixtureOfTransformers.Batching;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>One copy of a module per tower; each sees only its own tower's rows. With a single copy (a tied part, or the dense model) it sees all rows.</summary>
/// <typeparam name="TModule">A module that treats rows independently.</typeparam>
public sealed class PerTower<TModule> : nn.Module<Tensor, ModalityRouting, Tensor>
    where TModule : nn.Module<Tensor, Tensor>
{
    private readonly TModule[] _copies;

    /// <summary>Makes <paramref name="copyCount"/> copies; their checkpoint names are "0", "1", ….</summary>
    /// <param name="copyCount">Copies.</param>
    /// <param name="create">Makes the copy of a tower.</param>
    /// <param name="widths">The columns that each copy takes and how many the result has; null where all copies take and give rows of the same width.</param>
    public PerTower(int copyCount, Func<int, TModule> create, TowerWidths? widths = null) : base($"PerTower<{typeof(TModule).Name}>")
    {
        _copies = [.. Enumerable.Range(0, copyCount).Select(create)];
        Widths = widths;
        for (var tower = 0; tower < copyCount; tower++)
            register_module($"{tower}", _copies[tower]);
    }

    /// <summary>The copies by tower; owned by this module.</summary>
    public IReadOnlyList<TModule> Copies => _copies;

    /// <summary>See the constructor.</summary>
    internal TowerWidths? Widths { get; }

    /// <param name="xm_ND">Rows grouped by tower, [N, …].</param>
    /// <param name="routing">How many rows each tower has.</param>
    /// <returns>[N, …] grouped by tower, owned by the caller's scope.</returns>
    /// <remarks>While training, a tower without rows still takes part, so that its gradient is an exact zero and every rank sees the same parameters
    /// (SPEC §1.8). In inference it is skipped: decoding one token touches one tower.</remarks>
    public override Tensor forward(Tensor xm_ND, ModalityRouting routing)
    {
        if (_copies.Length == 1)
            return _copies[0].call(xm_ND);
        if (Widths is not null)
            return Widths.Apply(xm_ND, routing, (tower, x) => _copies[tower].call(x));
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>(_copies.Length);
        for (var tower = 0; tower < _copies.Length; tower++)
        {
            var count = routing.Counts[tower];
            if (count == routing.TokenCount && !is_grad_enabled())
                return _copies[tower].call(xm_ND).MoveToOuterDisposeScope();
            if (count > 0 || is_grad_enabled())
                parts.Add(_copies[tower].call(xm_ND.narrow(0, routing.Offsets[tower], count)));
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }
}
