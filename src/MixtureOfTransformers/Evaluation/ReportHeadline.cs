using System.Collections.Immutable;
using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A report's finding in words.</summary>
/// <param name="Title">The strongest result, one sentence.</param>
/// <param name="Details">The other results and the wall-clock side, one sentence each.</param>
public sealed record ReportHeadline(string Title, ImmutableArray<string> Details)
{
    /// <summary>Words for <paramref name="report"/>; they follow from its numbers alone.</summary>
    public static ReportHeadline Of(ComparisonReport report)
    {
        var others = report.Results.Where(r => r.Architecture != report.Baseline).OrderBy(r => r.StepRatio ?? double.PositiveInfinity).ToImmutableArray();
        if (others.IsEmpty)
            return new($"{ArchitectureNames.Label(report.Baseline)} model, nothing to compare it with", []);
        var dense = ArchitectureNames.InSentence(report.Baseline);
        return new(Sentence(others[0], dense), [.. others.Skip(1).Select(r => Sentence(r, dense)), .. others.DistinctBy(r => r.Architecture).Select(r => TimeSentence(report, r.Architecture, dense))]);
    }

    private static string Sentence(ComparisonResult r, string dense)
    {
        var name = ArchitectureNames.Label(r.Architecture);
        return r.Outcome switch
        {
            MatchOutcome.NothingToMatch => $"The {dense} model's {r.Modality} loss never fell, so there is nothing for {name} to match.",
            MatchOutcome.BeforeFirstPoint => $"{name} is below the {dense} model's best {r.Modality} loss at its first evaluation already.",
            MatchOutcome.NotReached => r.MatchedFraction > 0
                ? $"{name} does not reach the {dense} model's best {r.Modality} loss: it gets as far as the {dense} model did after {ReportNumbers.Percent(r.MatchedFraction)} of its steps."
                : $"{name} does not reach any {r.Modality} loss of the {dense} model.",
            _ => ReportNumbers.Percent(r.StepRatio!.Value) switch
            {
                "100%" => $"{name} needs as many steps as the {dense} model for its best {r.Modality} loss.",
                var share when r.StepRatio < 1 => $"{name} reaches the {dense} model's best {r.Modality} loss with {share} of its steps.",
                var share => $"{name} needs {share} of the {dense} model's steps for its best {r.Modality} loss.",
            },
        };
    }

    private static string TimeSentence(ComparisonReport report, string architecture, string dense)
    {
        var own = report.Results.Where(r => r.Architecture == architecture).ToArray();
        var baseline = report.Results.First(r => r.Architecture == report.Baseline);
        var stepTime = own[0].Seconds / own[0].Steps / (baseline.Seconds / baseline.Steps);
        var shares = own.Where(r => r.SecondsRatio is not null).Select(r => $"{ReportNumbers.Percent(r.SecondsRatio!.Value)} of the time for {r.Modality}").ToArray();
        var step = double.IsFinite(stepTime) ? $"A step of {ArchitectureNames.Label(architecture)} took {stepTime.ToString("0.00", CultureInfo.InvariantCulture)} times as long as a {dense} one here" : null;
        return (shares, step) switch
        {
            ({ Length: > 0 }, not null) => $"{step}; on the clock it needed {string.Join(" and ", shares)}.",
            (_, not null) => $"{step}.",
            _ => $"The time of a step of {ArchitectureNames.Label(architecture)} was not measured.",
        };
    }
}
