using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The tables of a report: what was reached, and what it cost.</summary>
public static class SummaryTables
{
    /// <summary>One row per modality and architecture: validation loss, and the share of the baseline's steps and time needed for its losses.</summary>
    public static ReportTable Quality(ComparisonReport report)
    {
        var baseline = ArchitectureNames.InSentence(report.Baseline);
        return new("Losses, and what they cost beside the " + baseline + " model",
        [
            new("Modality", "The tokens the loss is averaged over.", IsNumber: false),
            new("Model", "The architecture.", IsNumber: false),
            new("Validation loss", "Nats per token of the modality on held-out documents, at the end of training."),
            new("Step slope", $"Share of the {baseline} model's steps needed for the same losses, fitted over all that were matched."),
            new("Steps to match", $"Share of the {baseline} model's steps needed for its best loss."),
            new("Time slope", $"Share of the {baseline} model's training seconds needed for the same losses, fitted over all that were matched."),
            new("Time to match", $"Share of the {baseline} model's training seconds needed for its best loss."),
            new("Matched", $"Part of the {baseline} model's steps whose losses were reached at all."),
        ],
        [.. report.Results.GroupBy(r => r.Modality).SelectMany(group => group.Select(r => QualityRow(r, group.Min(other => other.ValidationLoss))))]);
    }

    /// <summary>One row per architecture: parameters, steps, tokens, FLOPs, seconds.</summary>
    public static ReportTable Cost(ComparisonReport report) => new("What training cost",
    [
        new("Model", "The architecture.", IsNumber: false),
        new("Parameters", "Parameters stored."),
        new("Activated", "Parameters that one token meets; equal numbers mean equal FLOPs per token."),
        new("Steps", "Optimizer steps."),
        new("Tokens", "Tokens trained on, with the padding that fills up rows."),
        new("FLOPs", "Training FLOPs, forward and backward, counted from the configuration, as if each row were one document."),
        new("Time", "Training time, evaluations left out."),
        new("Tokens/s", "Training tokens per second."),
        new("Step time", "Milliseconds per step."),
    ],
    [.. report.Results.DistinctBy(r => r.Architecture).Select(CostRow)]);

    private static ImmutableArray<TableCell> QualityRow(ComparisonResult r, double best) =>
    [
        new(ArchitectureNames.Heading(r.Modality.Name)),
        new(ArchitectureNames.Label(r.Architecture)),
        new(ReportNumbers.Loss(r.ValidationLoss), InFull(r.ValidationLoss), IsBest: r.ValidationLoss == best),
        Share(r.StepSlope, r.Outcome),
        Share(r.StepRatio, r.Outcome),
        Share(r.SecondsSlope, r.Outcome),
        Share(r.SecondsRatio, r.Outcome),
        new(ReportNumbers.Percent(r.MatchedFraction), InFull(r.MatchedFraction)),
    ];

    private static ImmutableArray<TableCell> CostRow(ComparisonResult r) =>
    [
        new(ArchitectureNames.Label(r.Architecture)),
        new(ReportNumbers.Count(r.Parameters), ReportNumbers.Exact(r.Parameters)),
        new(ReportNumbers.Count(r.ActivatedParameters), ReportNumbers.Exact(r.ActivatedParameters)),
        new(ReportNumbers.Exact(r.Steps)),
        new(ReportNumbers.Count(r.Tokens), ReportNumbers.Exact(r.Tokens)),
        new(ReportNumbers.Flops(r.Flops), ReportNumbers.Exact(r.Flops)),
        new(ReportNumbers.Duration(r.Seconds), $"{InFull(r.Seconds)} s"),
        new(ReportNumbers.Count(r.TokensPerSecond)),
        new(r.Steps > 0 ? ReportNumbers.Exact(1000 * r.Seconds / r.Steps) + " ms" : "-"),
    ];

    private static TableCell Share(double? share, MatchOutcome outcome) => share is { } number ? new(ReportNumbers.Ratio(number), InFull(number)) : outcome switch
    {
        MatchOutcome.BeforeFirstPoint => new("below first point", "reached before the first evaluation; evaluate earlier to know where"),
        MatchOutcome.NothingToMatch => new("-", "the baseline never improved on its first evaluation"),
        _ => new(ReportNumbers.NotReached),
    };

    private static string InFull(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
