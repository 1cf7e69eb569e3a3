using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A study's finding in words.</summary>
/// <param name="Title">The strongest result of MoT, or of the best architecture where there is no MoT, in one sentence.</param>
/// <param name="Details">Its other results and the wall-clock side, one sentence each, and one sentence per other architecture.</param>
public sealed record ReportHeadline(string Title, ImmutableArray<string> Details)
{
    /// <summary>Words for <paramref name="study"/>; they follow from its numbers alone. Shares are means over the seeds ± their standard deviation.</summary>
    public static ReportHeadline Of(ComparisonStudy study)
    {
        var others = study.Quality.Where(q => q.Split == CurveSplit.Validation && q.Architecture != study.Baseline).OrderBy(q => q.StepRatio.Mean ?? double.PositiveInfinity).ToArray();
        if (others.Length == 0)
            return new($"{ArchitectureNames.Label(study.Baseline)} model, nothing to compare it with", []);
        var dense = ArchitectureNames.InSentence(study.Baseline);
        if (study.Quality.Where(q => q.Architecture == study.Baseline).All(q => q.HasDiverged))
            return new($"The {dense} model diverged, so there is nothing to compare the others with.", []);
        var subject = (others.FirstOrDefault(q => q.Architecture == "mot") ?? others[0]).Architecture;
        var own = others.Where(q => q.Architecture == subject).ToArray();
        if (own.All(q => q.HasDiverged))
            return new($"{ArchitectureNames.Label(subject)} diverged.", [.. others.Where(q => q.Architecture != subject).GroupBy(q => q.Architecture).Select(g => Briefly(study, [.. g]))]);
        return new(Sentence(own[0], dense),
        [
            .. own.Skip(1).Select(q => Sentence(q, dense)),
            TimeSentence(study, own, dense),
            .. others.Where(q => q.Architecture != subject).GroupBy(q => q.Architecture).Select(g => Briefly(study, [.. g])),
        ]);
    }

    private static string Sentence(QualitySummary q, string dense)
    {
        var name = ArchitectureNames.Label(q.Architecture);
        var left = OutcomeText.Left(q) is { } some ? $"; {some}" : "";
        if (q.HasDiverged)
            return $"{name} diverged.";
        if (q.StepRatio.Mean is not { } ratio)
            return OutcomeText.Comparable(q).IsEmpty ? $"With every seed the {dense} model's {q.Modality} loss never fell, or one of the two diverged, so there is nothing for {name} to match."
                : q.MatchedFraction.Mean > 0
                    ? $"{name} does not reach the {dense} model's best {q.Modality} loss: it gets as far as the {dense} model did after {SpreadText.Percent(q.MatchedFraction)} of its steps to that{left}."
                    : $"{name} does not reach any {q.Modality} loss of the {dense} model{left}.";
        if (q.IsBound && ratio == 0 && q.StepRatio.IsComplete)
            return $"{name} is at the {dense} model's best {q.Modality} loss before its first step.";
        var share = SpreadText.Percent(q.StepRatio, q.IsBound);
        var tried = q.StepRatio.SeedCount - q.Outcomes.Count(o => o == MatchOutcome.NothingToMatch);
        if (q.StepRatio.Count < tried)
            return $"{name} reaches the {dense} model's best {q.Modality} loss with {q.StepRatio.Count} of {tried} seeds only, {(q.StepRatio.Count == 1 ? "that one" : "those")} with {share} of its steps{left}.";
        return share == "100%" ? $"{name} needs as many steps as the {dense} model for its best {q.Modality} loss{left}."
            : ratio < 1 ? $"{name} reaches the {dense} model's best {q.Modality} loss with {share} of its steps{left}."
            : $"{name} needs {share} of the {dense} model's steps for its best {q.Modality} loss{left}.";
    }

    private static string TimeSentence(ComparisonStudy study, QualitySummary[] own, string dense)
    {
        var name = ArchitectureNames.Label(own[0].Architecture);
        if (StepTime(study, own[0].Architecture) is not { } stepTime)
            return $"The time of a step of {name} was not measured.";
        var shares = own.OrderBy(q => StudyCurves.Modalities(study).IndexOf(q.Modality)).Where(q => q.SecondsRatio.Mean is not null)
            .Select(q => $"{SpreadText.Percent(q.SecondsRatio, q, q.IsBound)} of the time for {q.Modality}").ToArray();
        return $"A step of {name} took {stepTime} times as long as a {dense} one here{(shares.Length > 0 ? $"; on the clock it needed {Together(shares)}" : "")}.";
    }

    /// <summary>One, two, or a list with commas.</summary>
    private static string Together(string[] parts) => parts.Length < 3 ? string.Join(" and ", parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";

    private static string Briefly(ComparisonStudy study, QualitySummary[] own)
    {
        if (own.All(q => q.HasDiverged))
            return $"{ArchitectureNames.Label(own[0].Architecture)}: {ReportNumbers.Diverged}.";
        var parts = own.OrderBy(q => StudyCurves.Modalities(study).IndexOf(q.Modality)).Select(q => q.StepRatio.Mean is null
            ? $"{q.Modality} {OutcomeText.Reason(q)}"
            : $"{q.Modality} with {SpreadText.Percent(q.StepRatio, q, q.IsBound)} of the steps and {SpreadText.Percent(q.SecondsRatio, q, q.IsBound)} of the time");
        return $"{ArchitectureNames.Label(own[0].Architecture)}: {string.Join(", ", parts)}{(StepTime(study, own[0].Architecture) is { } time ? $"; a step took {time} times as long" : "")}.";
    }

    private static string? StepTime(ComparisonStudy study, string architecture) =>
        study.Costs.First(c => c.Architecture == architecture).StepTimeRatio is { Mean: { } mean } ? ReportNumbers.Ratio(mean) : null;
}
