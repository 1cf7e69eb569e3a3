using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Follows what each architecture of a study saves from eighth to eighth of the baseline's run. The last point is the step ratio of the tables, where that is no upper bound.</summary>
internal static class StudySavings
{
    private const int Parts = 8;

    /// <summary>One curve per architecture but the baseline, and modality, where a seed reached anything; none where the runs do not tell their parameters.</summary>
    public static ImmutableArray<SavingsCurve> Of(string baseline, ImmutableArray<SeedComparison> seeds)
    {
        if (seeds.SelectMany(s => s.Results).FirstOrDefault(r => r.Architecture == baseline && r.Outcome != MatchOutcome.Diverged && r.NonEmbeddingParameters > 0) is not { } run)
            return [];
        return
        [
            .. from match in seeds.SelectMany(s => s.Matches).Where(m => m is { Split: CurveSplit.Validation, Axis: CostAxis.Steps }).DistinctBy(m => (m.Modality, m.Architecture))
               let shares = seeds.Select(s => Shares(s, baseline, match.Architecture, match.Modality)).ToArray()
               where shares.Any(s => s.Any(share => share is not null))
               select new SavingsCurve
               {
                   Architecture = match.Architecture,
                   Modality = match.Modality,
                   Points = [.. Enumerable.Range(0, Parts).Select(i => new SavingsPoint((double)run.Tokens * (i + 1) / Parts / run.NonEmbeddingParameters, SeedSpread.Of(shares.Select(s => s[i]))))],
               },
        ];
    }

    private static double?[] Shares(SeedComparison seed, string baseline, string architecture, ModalityId modality)
    {
        if (!seed.Matches.Any(m => m.Architecture == architecture && m.Modality == modality)) // one of the two diverged
            return new double?[Parts];
        var (dense, own) = (Best(baseline), Best(architecture));
        var steps = seed.Results.First(r => r.Architecture == baseline).Steps;
        return [.. Enumerable.Range(1, Parts).Select(part => dense.Records.LastOrDefault(r => r.Cost <= Math.Round((double)steps * part / Parts)))
            .Select(record => record.Cost > 0 ? own.FirstReach(record.Loss) / record.Cost : null)];

        RunningMinimum Best(string name) => RunningMinimum.Of(StudySummary.Curve(seed, CurveSplit.Validation, modality, name)!, CostAxis.Steps, StepMatching.DefaultSmoothing);
    }
}
