using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The outcome of training several architectures, each with several seeds, on the same data. Kept in a folder by <see cref="StudyFolder"/>.</summary>
public sealed record ComparisonStudy
{
    /// <summary>Where the numbers come from.</summary>
    public required ReportMetadata Metadata { get; init; }

    /// <summary>The architecture the others are compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>The runs by seed. Every seed is matched to the baseline's run of the same seed.</summary>
    public required ImmutableArray<SeedComparison> Seeds { get; init; }

    /// <summary>Losses and shares over the seeds: one entry per split, modality and architecture, validation and the baseline first.</summary>
    public required ImmutableArray<QualitySummary> Quality { get; init; }

    /// <summary>Costs over the seeds: one entry per architecture, the baseline first.</summary>
    public required ImmutableArray<CostSummary> Costs { get; init; }

    /// <summary>How the share of the baseline's steps changes with the tokens that each parameter has seen: one entry per modality and architecture but the baseline; none where the runs do not
    /// tell their parameters.</summary>
    public ImmutableArray<SavingsCurve> Savings { get; init; } = [];

    /// <summary>The short runs by which each architecture's learning rate was chosen.</summary>
    public ImmutableArray<LearningRateTrial> Sweep { get; init; } = [];

    /// <summary>The image tokenizer's quality; null if there is no image tokenizer.</summary>
    public ImageTokenizerQuality? ImageTokenizer { get; init; }

    /// <summary>How speech comes out of tokens and of the models; null if there is no speech.</summary>
    public SpeechQuality? Speech { get; init; }

    /// <summary>How well the models draw and describe; null where that was not measured.</summary>
    public ImageQuality? Images { get; init; }

    /// <summary>Generated samples.</summary>
    public ImmutableArray<ReportSample> Samples { get; init; } = [];

    /// <summary>What a reader must know to judge the numbers. Plain sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>The architectures, the baseline first.</summary>
    internal ImmutableArray<string> Architectures => [.. Costs.Select(c => c.Architecture)];

    /// <summary>Compares runs, seed by seed, and sums up over the seeds.</summary>
    /// <param name="metadata">Where the numbers come from.</param>
    /// <param name="baseline">Name of the architecture the others are compared with.</param>
    /// <param name="runs">One run per seed and architecture, in any order; reports name the architectures in the order in which they first occur.</param>
    /// <param name="sweep">The short runs by which learning rates were chosen; empty without a sweep.</param>
    /// <exception cref="MotException">There are no runs, a seed lacks an architecture or has it twice, a run lacks a validation curve of a modality the baseline has, or a curve is
    /// not valid.</exception>
    public static ComparisonStudy Create(ReportMetadata metadata, string baseline, IReadOnlyList<ArchitectureRun> runs, IReadOnlyList<LearningRateTrial> sweep)
    {
        var architectures = runs.Select(r => r.Architecture).OrderBy(a => a == baseline ? 0 : 1).Distinct().ToArray();
        if (architectures is [] || architectures[0] != baseline)
            throw new MotException($"no run is of the baseline '{baseline}', only of: {string.Join(", ", architectures)}; train it too, or name another baseline");
        return Of(metadata, baseline, [.. runs.GroupBy(r => r.Seed).OrderBy(g => g.Key).Select(seed => Compare(metadata, architectures, seed))]) with { Sweep = [.. sweep] };
    }

    /// <summary>A report as the study of its one seed.</summary>
    public static ComparisonStudy Of(ComparisonReport report) =>
        Of(report.Metadata, report.Baseline, [new() { Seed = (long)report.Metadata.Seed, Results = report.Results, Matches = report.Matches, Curves = report.Curves }]) with
        {
            ImageTokenizer = report.ImageTokenizer,
            Speech = report.Speech,
            Samples = report.Samples,
            Notes = report.Notes,
        };

    private static ComparisonStudy Of(ReportMetadata metadata, string baseline, ImmutableArray<SeedComparison> seeds) => new()
    {
        Metadata = metadata,
        Baseline = baseline,
        Seeds = seeds,
        Quality = StudySummary.Quality(baseline, seeds),
        Costs = StudySummary.Costs(baseline, seeds),
        Savings = StudySavings.Of(baseline, seeds),
    };

    private static SeedComparison Compare(ReportMetadata metadata, string[] architectures, IGrouping<long, ArchitectureRun> seed)
    {
        var ordered = architectures.SelectMany(a => seed.Where(r => r.Architecture == a).DefaultIfEmpty(null)
            .Select(r => r ?? throw new MotException($"there is no run of '{a}' with seed {seed.Key}, though there is one with another seed; a study needs every architecture with every seed"))).ToArray();
        var report = ComparisonReport.Create(metadata, ordered[0], ordered.AsSpan()[1..]);
        return new() { Seed = seed.Key, Results = report.Results, Matches = report.Matches, Curves = report.Curves };
    }
}
