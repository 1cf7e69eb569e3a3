using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Html;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What the charts of a study draw: curves averaged over seeds, and matches of all seeds.</summary>
internal static class StudyCurves
{
    /// <summary>The modalities, in the order of the results.</summary>
    public static ImmutableArray<ModalityId> Modalities(ComparisonStudy study) => [.. study.Quality.Select(q => q.Modality).Distinct()];

    /// <summary>Whether there are losses of that split to show.</summary>
    public static bool Has(ComparisonStudy study, CurveSplit split) => study.Quality.Any(q => q.Split == split);

    /// <summary>One curve per architecture, with at most <paramref name="count"/> points: those of validation picked, training losses averaged over stretches of steps. Without runs that diverged.</summary>
    public static ImmutableArray<MeanCurve> Means(ComparisonStudy study, ModalityId modality, CurveSplit split, int count) =>
    [
        .. study.Architectures.Select(a => study.Seeds.Where(s => !StudySummary.HasDiverged(s, a)).Select(s => StudySummary.Curve(s, split, modality, a)).OfType<LossCurve>()
                .Select(c => split == CurveSplit.Training ? c with { Points = Thinning.Average(c.Points, count) } : c).ToArray())
            .Where(c => c.Length > 0).Select(MeanCurve.Of).Select(c => c with { Points = Thinning.Pick(c.Points, count) })
    ];

    /// <summary>The matches of each architecture, one per seed.</summary>
    public static ImmutableArray<ImmutableArray<StepMatch>> Matches(ComparisonStudy study, ModalityId modality, CurveSplit split, CostAxis axis) =>
    [
        .. study.Seeds.SelectMany(s => s.Matches.Where(m => m.Modality == modality && m.Split == split && m.Axis == axis)).GroupBy(m => m.Architecture)
            .Select(g => g.ToImmutableArray())
    ];

    /// <summary>The cost of the baseline's longest run; 0 where it has none.</summary>
    public static double BaselineCost(ComparisonStudy study, ModalityId modality, CurveSplit split, CostAxis axis) =>
        study.Seeds.Select(s => StudySummary.Curve(s, split, modality, study.Baseline)).OfType<LossCurve>().Select(c => c.Points[^1].Cost(axis)).DefaultIfEmpty(0).Max();

    /// <summary>The summary of an architecture.</summary>
    public static QualitySummary Summary(ComparisonStudy study, ModalityId modality, CurveSplit split, string architecture) =>
        study.Quality.First(q => q.Modality == modality && q.Split == split && q.Architecture == architecture);

    /// <summary>The fitted shares on an axis.</summary>
    public static SeedSpread Slope(QualitySummary summary, CostAxis axis) => axis switch
    {
        CostAxis.Steps => summary.StepSlope,
        CostAxis.Flops => summary.FlopsSlope,
        _ => summary.SecondsSlope,
    };
}
