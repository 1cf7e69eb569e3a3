using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>How the loss of one modality falls along one axis, for runs of one architecture on the same data that are alike in all else.</summary>
public sealed record ScalingLaw
{
    /// <summary>The architecture; see <see cref="Models.Architectures"/>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality of the loss.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>What grows.</summary>
    public required ScalingAxis Axis { get; init; }

    /// <summary>Steps of each run.</summary>
    public required long Steps { get; init; }

    /// <summary>What does not grow: tokens of a step, or parameters.</summary>
    public required double Constant { get; init; }

    /// <summary>The data of all of them; see <see cref="RunAnalysis.Data"/>.</summary>
    public required string Data { get; init; }

    /// <summary>The runs, smallest first.</summary>
    public required ImmutableArray<ScalingPoint> Points { get; init; }

    /// <summary>The power law through them.</summary>
    public required ScalingFit Fit { get; init; }

    /// <summary>Fits every group of runs that differ along one axis alone and have two sizes or more.</summary>
    /// <param name="runs">The runs; those without validation losses are left out.</param>
    public static ImmutableArray<ScalingLaw> Of(IReadOnlyCollection<RunAnalysis> runs) => [.. Enum.GetValues<ScalingAxis>().SelectMany(axis =>
        from run in runs
        from loss in run.ValidationLoss
        group (run, loss) by (run.Architecture, Modality: loss.Key, run.Step, Constant: Size(run, Other(axis)), run.Data) into alike
        let points = alike.Select(p => new ScalingPoint(p.run.Name, Size(p.run, axis), p.loss.Value)).OrderBy(p => p.Size).ToImmutableArray()
        where points.DistinctBy(p => p.Size).Count() > 1
        select new ScalingLaw
        {
            Architecture = alike.Key.Architecture,
            Modality = new(alike.Key.Modality),
            Axis = axis,
            Steps = alike.Key.Step,
            Constant = alike.Key.Constant,
            Data = alike.Key.Data,
            Points = points,
            Fit = ScalingFit.Of([.. points.Select(p => (p.Size, p.Loss))]),
        })];

    private static ScalingAxis Other(ScalingAxis axis) => axis == ScalingAxis.Parameters ? ScalingAxis.TokensPerStep : ScalingAxis.Parameters;

    private static double Size(RunAnalysis run, ScalingAxis axis) => axis == ScalingAxis.Parameters ? run.Parameters : run.TokensPerStep;
}
