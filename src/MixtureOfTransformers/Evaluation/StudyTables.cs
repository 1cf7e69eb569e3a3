using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The tables of a study and of a report: what was reached, what it cost, and how the learning rates were chosen. Numbers are means over the seeds ± their sample standard
/// deviation.</summary>
public static class StudyTables
{
    /// <summary>One row per modality and architecture: losses, and the share of the baseline's steps and time needed for its losses.</summary>
    /// <param name="study">What to show.</param>
    /// <param name="split">Which losses; the table is empty where the runs kept none.</param>
    public static ReportTable Quality(ComparisonStudy study, CurveSplit split = CurveSplit.Validation)
    {
        var dense = ArchitectureNames.InSentence(study.Baseline);
        var noun = split == CurveSplit.Validation ? "validation" : "training";
        var rows = study.Quality.Where(q => q.Split == split).ToArray();
        var hasFlops = rows.Any(q => Math.Abs((q.FlopsSlope.Mean / q.StepSlope.Mean) - 1 ?? 0) > 0.02); // else the models spend equal FLOPs per step, but for routers, and the column says nothing
        var hasCausal = rows.Any(q => q.CausalLoss is not null);
        return new($"{ArchitectureNames.Heading(noun)} losses, and what they cost beside the {dense} model{OverSeeds(study)}",
        [
            new("Modality", "The tokens the loss is averaged over.", IsNumber: false),
            new("Model", "The architecture.", IsNumber: false),
            new("Loss", (split == CurveSplit.Validation ? "Nats per token of the modality on held-out documents, at the end of training."
                : "Nats per token of the modality on documents before they were trained on, smoothed, at the end of training.") + " Seeds that diverged are in no number of the row."),
            .. hasCausal ? [new TableColumn("Causal loss", "The loss where each token is routed by itself, as in generation, by auxiliary routers that were trained after the run. “-”: the model is causal as it is, or the notes say why there is none.")] : Array.Empty<TableColumn>(),
            new("Best", "The lowest loss of the run."),
            new("Step slope", $"Share of the {dense} model's steps needed for the same losses, fitted over all that were matched."),
            new("Steps to match", $"Share of the {dense} model's steps needed for its best loss. “2 of 3”: only so many seeds reached it, and the mean is theirs alone. “Comparable with 1 of 2 seeds”: with the others the {dense} model diverged or never improved, or this one diverged. “≤”: it was below that loss at its first measurement already, so the share is at most this."),
            .. hasFlops ? [new TableColumn("FLOPs slope", $"Share of the {dense} model's training FLOPs needed for the same losses, fitted likewise.")] : Array.Empty<TableColumn>(),
            new("Time slope", $"Share of the {dense} model's training seconds needed for the same losses, fitted likewise."),
            new("Time to match", $"Share of the {dense} model's training seconds needed for its best loss."),
            new("Matched", $"Part of the {dense} model's steps to its best loss whose losses were reached at all."),
        ],
        [.. rows.Select(q => QualityRow(q, BestLoss([.. rows.Where(other => other.Modality == q.Modality)]), hasCausal, hasFlops))]);
    }

    /// <summary>One row per architecture: parameters, steps, tokens, FLOPs, seconds.</summary>
    public static ReportTable Cost(ComparisonStudy study) => new("What training cost" + OverSeeds(study),
    [
        new("Model", "The architecture.", IsNumber: false),
        new("Parameters", "Parameters stored."),
        new("Activated", "Parameters that one token meets; equal numbers mean equal FLOPs per token."),
        new("FLOPs/token", "Training FLOPs per token, forward and backward, counted from the configuration; attention within documents."),
        new("Steps", "Optimizer steps."),
        new("Tokens", "Tokens trained on, with the padding that fills up rows."),
        new("FLOPs", "Training FLOPs in all."),
        new("Time", "Training time, evaluations left out."),
        new("ms/step", "Milliseconds per step, evaluations left out."),
        new("Step ratio", $"Time of a step over that of the {ArchitectureNames.InSentence(study.Baseline)} model with the same seed."),
    ],
    [.. study.Costs.Select(CostRow)]);

    /// <summary>One row per architecture, one column per learning rate: the loss by which the learning rate was chosen. No rows without a sweep.</summary>
    public static ReportTable Sweep(ComparisonStudy study) => SweepTable.Of(study);

    private static ImmutableArray<TableCell> QualityRow(QualitySummary q, double? best, bool hasCausal, bool hasFlops) =>
    [
        new(ArchitectureNames.Heading(q.Modality.Name)),
        new(ArchitectureNames.Label(q.Architecture)),
        new(SpreadText.Loss(q.EndLoss), SpreadText.InFull(q.EndLoss, ReportNumbers.Diverged), IsBest: q.EndLoss.Mean is not null && q.EndLoss.Mean == best),
        .. hasCausal ? [q.CausalLoss is { } causal ? Cell(causal, ReportNumbers.Loss) : new("-")] : Array.Empty<TableCell>(),
        new(SpreadText.Loss(q.BestLoss), SpreadText.InFull(q.BestLoss, ReportNumbers.Diverged)),
        Share(q.StepSlope, q),
        Share(q.StepRatio, q, q.IsBound),
        .. hasFlops ? [Share(q.FlopsSlope, q)] : Array.Empty<TableCell>(),
        Share(q.SecondsSlope, q),
        Share(q.SecondsRatio, q, q.IsBound),
        q.MatchedFraction.Mean is null ? new("-") : new(SpreadText.Percent(q.MatchedFraction, q), SpreadText.InFull(q.MatchedFraction, q)),
    ];

    private static ImmutableArray<TableCell> CostRow(CostSummary c) =>
    [
        new(ArchitectureNames.Label(c.Architecture)),
        new(ReportNumbers.Count(c.Parameters), ReportNumbers.Exact(c.Parameters)),
        new(ReportNumbers.Count(c.ActivatedParameters), ReportNumbers.Exact(c.ActivatedParameters)),
        Cell(c.FlopsPerToken, ReportNumbers.FlopsTick),
        Cell(c.Steps, ReportNumbers.Exact),
        Cell(c.Tokens, ReportNumbers.Count),
        Cell(c.Flops, ReportNumbers.Flops),
        Cell(c.Seconds, ReportNumbers.Duration),
        Cell(c.SecondsPerStep, ReportNumbers.Milliseconds),
        Cell(c.StepTimeRatio, r => ReportNumbers.Ratio(r)),
    ];

    private static TableCell Cell(SeedSpread spread, Func<double, string> text) =>
        new(SpreadText.Of(spread, text, "-"), SpreadText.InFull(spread, "-"));

    private static TableCell Share(SeedSpread share, QualitySummary q, bool isBound = false) => new(SpreadText.Ratio(share, q, isBound), SpreadText.InFull(share, q) ?? OutcomeText.Reason(q) switch
    {
        ReportNumbers.BelowFirstPoint => "every loss was reached before the first evaluation; evaluate earlier to fit a slope",
        ReportNumbers.NothingToMatch => "with every seed the baseline never improved on its first evaluation, or one of the two diverged",
        _ => null,
    });

    /// <summary>The lowest mean loss of a modality; null where the means are over different seeds and do not compare.</summary>
    private static double? BestLoss(QualitySummary[] rows)
    {
        var losses = rows.Select(q => q.EndLoss).Where(l => l.Count > 0).ToArray();
        return losses.Select(l => string.Concat(l.Values.Select(v => v is null ? '-' : '+'))).Distinct().Count() == 1 ? losses.Min(l => l.Mean) : null;
    }

    private static string OverSeeds(ComparisonStudy study) => study.Seeds.Length == 1 ? "" : $": mean ± standard deviation of {study.Seeds.Length} seeds";
}
