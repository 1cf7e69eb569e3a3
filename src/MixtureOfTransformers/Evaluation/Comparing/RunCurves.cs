using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What became of a finished run, read back from its folder.</summary>
internal static class RunCurves
{
    /// <summary>Whether the run in a folder is done, or has diverged.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="recipe">What it must have trained.</param>
    public static bool IsFinished(string path, Recipe recipe) =>
        RunFolder.Exists(path) && RunFolder.Open(path) is var run && (run.Checkpoints.Latest == Checkpoints.Checkpoint.NameOf(recipe.Training.TotalSteps!.Value) || DivergenceFile.Read(path) is not null)
            && RecipeDifference.First(run.Recipe, recipe) is null;

    /// <summary>Reads the run.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="vocabulary">Of its data.</param>
    /// <exception cref="MotException">The metrics are missing or damaged.</exception>
    public static ArchitectureRun Read(string path, Vocabulary vocabulary)
    {
        var run = RunFolder.Open(path);
        var lines = MetricsLog.Read(run.MetricsPath);
        if (!lines.OfType<ValidationMetrics>().Any())
            throw new CorruptFileException(run.MetricsPath, "no validation is logged; delete the folder of the run to train it again");
        var last = lines[^1];
        var count = ParameterCount.Of(run.Recipe.Model.ToConfig(vocabulary, run.Recipe.Training.SequenceLength));
        return new()
        {
            Architecture = run.Recipe.Name,
            Seed = run.Recipe.Seed,
            LearningRate = run.Recipe.Training.LearningRate,
            Parameters = count.Total,
            ActivatedParameters = count.Activated,
            NonEmbeddingParameters = count.ActivatedNonEmbedding,
            Steps = last.Step,
            Tokens = last.Tokens,
            Flops = last.Flops,
            Seconds = last.Seconds,
            Divergence = DivergenceFile.Read(path),
            CausalLoss = CausalRuns.Read(path)?.ModalityLoss,
            Curves = [.. Curves(run.Recipe.Name, CurveSplit.Validation, lines.OfType<ValidationMetrics>()), .. Curves(run.Recipe.Name, CurveSplit.Training, lines.OfType<TrainingMetrics>())],
        };
    }

    private static ImmutableArray<LossCurve> Curves(string name, CurveSplit split, IEnumerable<MetricsLine> lines) =>
    [
        .. lines.SelectMany(line => line.ModalityLoss.Select(m => (m.Key, Point: new LossPoint(line.Step, line.Flops, line.Seconds, m.Value))))
            .GroupBy(point => point.Key, point => point.Point)
            .Select(points => new LossCurve { Architecture = name, Modality = new ModalityId(points.Key), Split = split, Points = [.. points] }),
    ];
}
