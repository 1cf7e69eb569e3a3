using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A number measured once per seed. Seeds without it, such as a loss that was not reached, are counted, never averaged away: a reader of <see cref="Mean"/> looks at
/// <see cref="Count"/> and <see cref="SeedCount"/> too.</summary>
public sealed record SeedSpread
{
    /// <summary>The number by seed, in the order of the study's seeds; null where there is none.</summary>
    public required ImmutableArray<double?> Values { get; init; }

    /// <summary>Mean of the seeds that have the number; null if none has.</summary>
    public required double? Mean { get; init; }

    /// <summary>Sample standard deviation (divisor n - 1) of the seeds that have the number; null with fewer than two.</summary>
    public required double? Deviation { get; init; }

    /// <summary>Seeds that have the number.</summary>
    public required int Count { get; init; }

    /// <summary>Seeds in all.</summary>
    public required int SeedCount { get; init; }

    /// <summary>Whether every seed has the number.</summary>
    internal bool IsComplete => Count == SeedCount && Count > 0;

    /// <summary>Mean and deviation of numbers, one per seed.</summary>
    public static SeedSpread Of(IEnumerable<double?> values)
    {
        var all = values.ToImmutableArray();
        var present = all.OfType<double>().ToArray();
        double? mean = present.Length == 0 ? null : present.Average();
        return new()
        {
            Values = all,
            Mean = mean,
            Deviation = present.Length < 2 ? null : Math.Sqrt(present.Sum(v => (v - mean!.Value) * (v - mean.Value)) / (present.Length - 1)),
            Count = present.Length,
            SeedCount = all.Length,
        };
    }
}
