using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The outcome of training several architectures on the same data: numbers, curves and samples. Kept in a folder by <see cref="ReportFolder"/>.</summary>
public sealed record ComparisonReport
{
    /// <summary>Where the numbers come from.</summary>
    public required ReportMetadata Metadata { get; init; }

    /// <summary>The architecture the others are compared with.</summary>
    public required string Baseline { get; init; }

    /// <summary>One entry per architecture and modality, the baseline first.</summary>
    public required ImmutableArray<ComparisonResult> Results { get; init; }

    /// <summary>Step matching of every architecture but the baseline, per modality and axis; also of training losses where both runs kept them.</summary>
    public required ImmutableArray<StepMatch> Matches { get; init; }

    /// <summary>The loss curves of all architectures.</summary>
    public required ImmutableArray<LossCurve> Curves { get; init; }

    /// <summary>The image tokenizer's quality; null if there is no image tokenizer.</summary>
    public ImageTokenizerQuality? ImageTokenizer { get; init; }

    /// <summary>How speech comes out of tokens and of the models; null if there is no speech.</summary>
    public SpeechQuality? Speech { get; init; }

    /// <summary>Generated samples.</summary>
    public ImmutableArray<ReportSample> Samples { get; init; } = [];

    /// <summary>What a reader must know to judge the numbers: limits, sizes, what was not tuned. Plain sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Compares runs: matches every validation curve to the baseline's.</summary>
    /// <param name="metadata">Where the numbers come from.</param>
    /// <param name="baseline">The run the others are compared with.</param>
    /// <param name="others">The other runs, of other names.</param>
    /// <exception cref="MotException">A run has no validation curve of a modality the baseline has, a curve is not valid, or two runs have one name.</exception>
    public static ComparisonReport Create(ReportMetadata metadata, ArchitectureRun baseline, params ReadOnlySpan<ArchitectureRun> others)
    {
        ImmutableArray<ArchitectureRun> runs = [baseline, .. others];
        if (runs.GroupBy(r => r.Architecture).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new MotException($"two runs are called '{twice.Key}'; give each architecture of a comparison its own name");

        var dense = baseline.Curves.Where(c => c.Split == CurveSplit.Validation).ToArray();
        var results = ImmutableArray.CreateBuilder<ComparisonResult>();
        var matches = ImmutableArray.CreateBuilder<StepMatch>();
        foreach (var run in runs)
        {
            foreach (var curve in dense)
            {
                var own = run.Curves.FirstOrDefault(c => c.Split == CurveSplit.Validation && c.Modality == curve.Modality)
                    ?? throw new MotException($"'{run.Architecture}' has no validation curve for {curve.Modality}, which '{baseline.Architecture}' has; evaluate both alike");
                StepMatch[] byAxis = baseline.Divergence is null && run.Divergence is null ? [.. Enum.GetValues<CostAxis>().Select(axis => StepMatching.Match(curve, own, axis))] : [];
                results.Add(Result(run, own, byAxis, isBaseline: ReferenceEquals(run, baseline)));
                if (byAxis.Length > 0 && !ReferenceEquals(run, baseline))
                    matches.AddRange(byAxis.Concat(MatchTraining(baseline, run, curve.Modality)));
            }
        }
        return new()
        {
            Metadata = metadata,
            Baseline = baseline.Architecture,
            Results = results.ToImmutable(),
            Matches = matches.ToImmutable(),
            Curves = [.. runs.SelectMany(r => r.Curves)],
        };
    }

    private static IEnumerable<StepMatch> MatchTraining(ArchitectureRun baseline, ArchitectureRun run, ModalityId modality) =>
        Training(baseline, modality) is { } dense && Training(run, modality) is { } sparse ? Enum.GetValues<CostAxis>().Select(axis => StepMatching.Match(dense, sparse, axis)) : [];

    private static LossCurve? Training(ArchitectureRun run, ModalityId modality) => run.Curves.FirstOrDefault(c => c.Split == CurveSplit.Training && c.Modality == modality);

    private static ComparisonResult Result(ArchitectureRun run, LossCurve curve, StepMatch[] byAxis, bool isBaseline)
    {
        var (steps, seconds) = byAxis is [] ? (null, null) : ((StepMatch?)byAxis[(int)CostAxis.Steps], (StepMatch?)byAxis[(int)CostAxis.Seconds]);
        var isBaselineDone = isBaseline && run.Divergence is null;
        return new()
        {
            Architecture = run.Architecture,
            Modality = curve.Modality,
            ValidationLoss = run.Divergence is null ? curve.Points[^1].Loss : null,
            CausalLoss = run.Divergence is null && run.CausalLoss is { } causal && causal.TryGetValue(curve.Modality.Name, out var loss) ? loss : null,
            StepSlope = isBaselineDone ? 1 : steps?.Slope,
            StepRatio = isBaselineDone ? 1 : steps?.EndRatio,
            SecondsSlope = isBaselineDone ? 1 : seconds?.Slope,
            SecondsRatio = isBaselineDone ? 1 : seconds?.EndRatio,
            MatchedFraction = isBaselineDone ? 1 : steps?.MatchedFraction ?? 0,
            Outcome = run.Divergence is not null ? MatchOutcome.Diverged : isBaseline ? MatchOutcome.Reached : steps?.Outcome ?? MatchOutcome.NothingToMatch,
            Divergence = run.Divergence,
            LearningRate = run.LearningRate,
            Steps = run.Steps,
            Tokens = run.Tokens,
            Seconds = run.Seconds,
            TokensPerSecond = run.Seconds > 0 ? run.Tokens / run.Seconds : 0,
            Flops = run.Flops,
            Parameters = run.Parameters,
            ActivatedParameters = run.ActivatedParameters,
            NonEmbeddingParameters = run.NonEmbeddingParameters,
        };
    }
}
