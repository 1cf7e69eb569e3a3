using MixtureOfTransformers.Batching;

namespace MixtureOfTransformers.Models;

/// <summary>Where the rows are that the experts of one set choose from.</summary>
/// <param name="routing">The grouped order.</param>
/// <param name="tower">The tower; null where all towers share the set.</param>
/// <param name="context">Rows and padding of the batch.</param>
internal readonly ref struct ExpertPools(ModalityRouting routing, int? tower, AttentionContext context)
{
    private readonly ReadOnlySpan<bool> _padding = context.Padding(routing);

    /// <summary>The first of them.</summary>
    public int First { get; } = tower is { } first ? routing.Offsets[first] : 0;

    /// <summary>How many, padding included.</summary>
    public int Count { get; } = tower is { } counted ? routing.Counts[counted] : routing.TokenCount;

    /// <summary>Which of them are padding; empty where none is.</summary>
    public ReadOnlySpan<bool> Padding => _padding.IsEmpty ? _padding : _padding.Slice(First, Count);

    /// <summary>Rows of each pool, one pool after the other.</summary>
    public int[] Lengths(ExpertPool pool) => pool == ExpertPool.Batch ? [Count] : routing.CountsByRow(tower, context.Length);
}
