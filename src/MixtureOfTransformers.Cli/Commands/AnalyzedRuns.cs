using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>Finds runs and analyses them.</summary>
internal static class AnalyzedRuns
{
    private const string RecipeName = "recipe.json";

    /// <summary>The runs among the folders, and those one level below a folder that is none itself.</summary>
    /// <exception cref="UsageException">A folder holds no run.</exception>
    public static IReadOnlyList<(string Path, string Name)> Find(IReadOnlyList<string> folders)
    {
        var paths = folders.SelectMany(folder =>
        {
            string[] inside = !Directory.Exists(folder) ? [] : IsRun(folder) ? [folder] : [.. Directory.GetDirectories(folder).Where(IsRun).Order(StringComparer.Ordinal)];
            return inside.Length > 0 ? inside : throw new UsageException($"{folder} holds no run; name the folder of one, or one that holds some");
        }).Distinct().ToArray();
        var names = paths.Select(path => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))).ToArray();
        return [.. paths.Zip(names, (path, name) => (path, names.Count(other => other == name) > 1 ? path : name))];
    }

    /// <summary>Analyses one run on its held-out data, in the number format it was trained in.</summary>
    public static RunAnalysis Analyze(string path, string name, AnalyzeOptions options, Device device, CancellationToken cancellation)
    {
        var run = RunFolder.Open(path);
        var checkpoint = run.Checkpoints.Open(options.Checkpoint);
        using var data = PreparedData.Open(Path.Combine(options.Data ?? RunData.Of(path), "tokens"));
        checkpoint.RequireTokenizers(data.Index.Tokenizer);
        var training = run.Recipe.Training;
        using var model = checkpoint.LoadModel(device, training.ComputeScalarType);
        Batch[] batches = [.. data.ValidationBatches(training.BatchRows, training.SequenceLength, options.Batches)];
        return new()
        {
            Name = name,
            Architecture = run.Recipe.Model.Architecture,
            Step = checkpoint.State.Step,
            Parameters = ParameterCount.Of(checkpoint.Config).ActivatedNonEmbedding,
            TokensPerStep = training.TokensPerStep,
            Data = data.Index.Hash,
            ValidationLoss = LastLoss(run, checkpoint.State.Step),
            Modalities = model.Config.Modalities,
            Stages = StageAnalyses.Of(model, batches, options.Tokens, cancellation: cancellation),
            Routers = RouterLoads.Of(model, batches, cancellation),
            Depths = DepthLoads.Of(model, batches, cancellation),
        };
    }

    private static ImmutableSortedDictionary<string, double> LastLoss(RunFolder run, long step) =>
        !File.Exists(run.MetricsPath) ? ImmutableSortedDictionary<string, double>.Empty
        : MetricsLog.Read(run.MetricsPath).OfType<ValidationMetrics>().LastOrDefault(line => line.Step <= step)?.ModalityLoss.ToImmutableSortedDictionary() ?? ImmutableSortedDictionary<string, double>.Empty;

    private static bool IsRun(string folder) => File.Exists(Path.Combine(folder, RecipeName)) && Directory.Exists(Path.Combine(folder, "checkpoints"));
}
