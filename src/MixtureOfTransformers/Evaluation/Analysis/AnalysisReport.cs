using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>What <c>mot analyze</c> found, written as <c>analysis.json</c>.</summary>
public sealed record AnalysisReport
{
    /// <summary>The runs, in the order in which they were named.</summary>
    public required ImmutableArray<RunAnalysis> Runs { get; init; }

    /// <summary>Power laws through runs of several sizes or batch sizes; empty where there are none.</summary>
    public ImmutableArray<ScalingLaw> Scaling { get; init; } = [];

    /// <summary>What a reader of the power laws must know where the runs have different data; null where all have the same.</summary>
    internal string? DataNote => Runs.Select(run => run.Data).Distinct().Count() is > 1 and var count
        ? $"The runs have {count} different data sets (other recipe, tokenizers or input): only those of one are fitted together." : null;
}
