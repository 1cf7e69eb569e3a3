using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What became of the seeds of a summary, in words. Seeds that diverged, and seeds whose baseline has nothing to match, say nothing about what was reached.</summary>
internal static class OutcomeText
{
    /// <summary>Why no seed has a share of the baseline's cost.</summary>
    public static string Reason(QualitySummary q) => q.HasDiverged ? ReportNumbers.Diverged
        : Comparable(q) is var comparable && comparable.IsEmpty ? ReportNumbers.NothingToMatch
        : comparable.All(o => o == MatchOutcome.BeforeFirstPoint) ? ReportNumbers.BelowFirstPoint
        : ReportNumbers.NotReached + (Left(q) is { } left ? $" ({left})" : "");

    /// <summary>Why one seed has no share.</summary>
    public static string Of(MatchOutcome outcome) => outcome switch
    {
        MatchOutcome.Diverged => ReportNumbers.Diverged,
        MatchOutcome.NothingToMatch => ReportNumbers.NothingToMatch,
        MatchOutcome.BeforeFirstPoint => ReportNumbers.BelowFirstPoint,
        _ => ReportNumbers.NotReached,
    };

    /// <summary>How many seeds a share is of, where it is not of all.</summary>
    public static string Count(SeedSpread share, QualitySummary q)
    {
        var comparable = Comparable(q).Length;
        return Left(q) is not { } left ? $"{share.Count} of {share.SeedCount}"
            : HasNoBaseline(q) ? left + (share.Count < comparable ? $", reached with {share.Count}" : "")
            : $"{share.Count} of {share.SeedCount}, {left}";
    }

    /// <summary>Which seeds are left out: <c>1 diverged</c>, or <c>comparable with 1 of 2 seeds</c> where the baseline has nothing to match; null where none is.</summary>
    public static string? Left(QualitySummary q) => HasNoBaseline(q) ? $"comparable with {Comparable(q).Length} of {q.Outcomes.Length} seeds"
        : q.Outcomes.Count(o => o == MatchOutcome.Diverged) is > 0 and var diverged ? $"{diverged} {ReportNumbers.Diverged}" : null;

    /// <summary>The outcomes of the seeds with which both the run and its baseline have a result.</summary>
    public static ImmutableArray<MatchOutcome> Comparable(QualitySummary q) => [.. q.Outcomes.Where(o => o is not (MatchOutcome.Diverged or MatchOutcome.NothingToMatch))];

    private static bool HasNoBaseline(QualitySummary q) => q.Outcomes.Contains(MatchOutcome.NothingToMatch);
}
