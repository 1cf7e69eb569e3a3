using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>What <c>mot analyze</c> found, written as <c>analysis.json</c>.</summary>
public sealed record AnalysisReport
{
    /// <summary>The runs, in the order in which they were named.</summary>
    public required ImmutableArray<RunAnalysis> Runs { get; init; }

    /// <summary>Power laws through runs of several sizes or batch sizes; empty where there are none.</summary>
    public ImmutableArray<ScalingLaw> Scaling { get; init; } = [];
}
