using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Sums up the seeds of a study.</summary>
internal static class StudySummary
{
    public static ImmutableArray<QualitySummary> Quality(string baseline, ImmutableArray<SeedComparison> seeds) =>
    [
        .. from split in (CurveSplit[])[CurveSplit.Validation, CurveSplit.Training]
           from modality in seeds[0].Results.Select(r => r.Modality).Distinct()
           from architecture in Architectures(baseline, seeds)
           where seeds.Any(s => Curve(s, split, modality, baseline) is not null)
               && seeds.All(s => HasDiverged(s, architecture) || HasDiverged(s, baseline) || (Curve(s, split, modality, architecture) is not null && Curve(s, split, modality, baseline) is not null))
           select Quality(baseline, seeds, split, modality, architecture)
    ];

    public static ImmutableArray<CostSummary> Costs(string baseline, ImmutableArray<SeedComparison> seeds) => [.. Architectures(baseline, seeds).Select(a => Cost(baseline, seeds, a))];

    public static LossCurve? Curve(SeedComparison seed, CurveSplit split, ModalityId modality, string architecture) =>
        seed.Curves.FirstOrDefault(c => c.Split == split && c.Modality == modality && c.Architecture == architecture);

    /// <summary>Whether the run of an architecture with this seed went wrong.</summary>
    public static bool HasDiverged(SeedComparison seed, string architecture) => seed.Results.Any(r => r.Architecture == architecture && r.Outcome == MatchOutcome.Diverged);

    private static IEnumerable<string> Architectures(string baseline, ImmutableArray<SeedComparison> seeds) =>
        seeds[0].Results.Select(r => r.Architecture).Prepend(baseline).Distinct();

    private static QualitySummary Quality(string baseline, ImmutableArray<SeedComparison> seeds, CurveSplit split, ModalityId modality, string architecture)
    {
        var smoothing = split == CurveSplit.Training ? StepMatching.DefaultSmoothing : 0;
        var runs = seeds.Select(s => HasDiverged(s, architecture) || Curve(s, split, modality, architecture) is not { } curve ? null : RunningMinimum.Smoothed(curve, CostAxis.Steps, smoothing)).ToArray();
        SeedSpread Shares(CostAxis axis, Func<StepMatch, double?> share) => SeedSpread.Of(seeds.Select(s =>
            HasDiverged(s, architecture) ? null : architecture == baseline ? 1 : Match(s, axis) is { } match ? share(match) : null));
        StepMatch? Match(SeedComparison seed, CostAxis axis) =>
            seed.Matches.FirstOrDefault(m => m.Split == split && m.Modality == modality && m.Architecture == architecture && m.Axis == axis);
        return new()
        {
            Architecture = architecture,
            Modality = modality,
            Split = split,
            EndLoss = SeedSpread.Of(runs.Select(r => r?[^1].Loss)),
            CausalLoss = split == CurveSplit.Validation && SeedSpread.Of(seeds.Select(s => s.Results.FirstOrDefault(r => r.Architecture == architecture && r.Modality == modality)?.CausalLoss)) is { Count: > 0 } causal ? causal : null,
            BestLoss = SeedSpread.Of(runs.Select(r => r?.Min(p => p.Loss))),
            StepSlope = Shares(CostAxis.Steps, m => m.Slope),
            StepRatio = Shares(CostAxis.Steps, m => m.EndRatio),
            FlopsSlope = Shares(CostAxis.Flops, m => m.Slope),
            SecondsSlope = Shares(CostAxis.Seconds, m => m.Slope),
            SecondsRatio = Shares(CostAxis.Seconds, m => m.EndRatio),
            MatchedFraction = Shares(CostAxis.Steps, m => m.Outcome == MatchOutcome.NothingToMatch ? null : m.MatchedFraction),
            Outcomes = [.. seeds.Select(s => HasDiverged(s, architecture) ? MatchOutcome.Diverged : architecture == baseline ? MatchOutcome.Reached : Match(s, CostAxis.Steps)?.Outcome ?? MatchOutcome.NothingToMatch)],
        };
    }

    private static CostSummary Cost(string baseline, ImmutableArray<SeedComparison> seeds, string architecture)
    {
        var runs = seeds.Select(s => s.Results.First(r => r.Architecture == architecture)).ToArray();
        SeedSpread Spread(Func<ComparisonResult, double> number) => SeedSpread.Of(runs.Select(r => r.Outcome != MatchOutcome.Diverged && number(r) is var n && double.IsFinite(n) ? n : (double?)null));
        return new()
        {
            Architecture = architecture,
            Parameters = runs[0].Parameters,
            ActivatedParameters = runs[0].ActivatedParameters,
            LearningRate = runs[0].LearningRate,
            FlopsPerToken = Spread(r => r.Flops / r.Tokens),
            Steps = Spread(r => r.Steps),
            Tokens = Spread(r => r.Tokens),
            Flops = Spread(r => r.Flops),
            Seconds = Spread(r => r.Seconds),
            SecondsPerStep = Spread(SecondsPerStep),
            StepTimeRatio = SeedSpread.Of(seeds.Zip(runs, (s, own) => StepTimeRatio(own, s.Results.First(r => r.Architecture == baseline)))),
        };
    }

    private static double? StepTimeRatio(ComparisonResult own, ComparisonResult baseline) =>
        own.Outcome != MatchOutcome.Diverged && baseline.Outcome != MatchOutcome.Diverged && SecondsPerStep(own) / SecondsPerStep(baseline) is var ratio && double.IsFinite(ratio) ? ratio : null;

    private static double SecondsPerStep(ComparisonResult r) => r.Seconds / r.Steps;
}
