using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>Loss by modality on the same batches every time, so that its values compare across steps and models.</summary>
/// <param name="batches">Held-out batches.</param>
public sealed class Validation(IReadOnlyList<Batch> batches)
{
    /// <summary>What it measures on.</summary>
    internal IReadOnlyList<Batch> Batches => batches;

    /// <summary>Tokens that are predicted, and patches that are denoised; 0 where the data have no validation documents.</summary>
    public long TargetCount { get; } = batches.Sum(TargetsOf);

    /// <summary>Measures.</summary>
    /// <param name="model">The model; nothing about it changes.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <param name="progress">Told after each batch how many are done; null for none.</param>
    /// <exception cref="MotException">There is nothing to measure on.</exception>
    public ValidationLoss Measure(MotModel model, CancellationToken cancellation = default, IProgress<int>? progress = null)
    {
        ThrowIfEmpty(batches);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var sums_M = zeros(model.Config.Modalities.Length, ScalarType.Float64, model.Device);
        var counts = new long[model.Config.Modalities.Length];
        var objective = Objective.Of(model.Config);
        for (var done = 0; done < batches.Count; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var batchScope = NewDisposeScope();
            var loss = objective.Compute(model, batches[done], objective.Count(model, batches[done]), seed: done); // the same noise every time
            sums_M.add_(loss.PerModality);
            for (var m = 0; m < counts.Length; m++)
                counts[m] += loss.Counts[m];
            progress?.Report(done + 1);
        }
        var sums = sums_M.cpu().data<double>().ToArray();
        var tally = new LossTally(sums, counts);
        return new(objective.Mean(sums, counts), tally.PerModality(model.Config.Modalities), tally.Targets);
    }

    private static long TargetsOf(Batch batch) => batch.TargetCount + (batch.Images?.PatchCount ?? 0);

    /// <summary>Guards against data without validation documents.</summary>
    /// <exception cref="MotException">There is nothing to measure on.</exception>
    internal static void ThrowIfEmpty(IReadOnlyList<Batch> batches)
    {
        if (batches.All(b => TargetsOf(b) == 0))
            throw new MotException("there are no validation tokens to measure the loss on; raise validation_fraction, or mark a source with split: validation");
    }
}
