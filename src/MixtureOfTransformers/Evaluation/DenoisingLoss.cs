// Legend: P patches, X numbers of a patch.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well a model denoises by the level of noise; the mean over all levels hides that the hardest ones decide over shapes and the easiest over details.</summary>
public static class DenoisingLoss
{
    /// <summary>The levels that <c>mot evaluate</c> shows.</summary>
    public static IReadOnlyList<double> Levels { get; } = [0.1, 0.3, 0.5, 0.7, 0.9];

    /// <summary>Measures.</summary>
    /// <param name="model">A model with diffusion; nothing about it changes.</param>
    /// <param name="batches">Held-out batches; their images are noised to each level in turn, with the same noise every time.</param>
    /// <param name="levels">From above 0, the clean image, to 1, most noise.</param>
    /// <param name="cancellation">Looked at between passes.</param>
    /// <returns>The mean squared error of what is predicted, by level; NaN without images.</returns>
    public static IReadOnlyList<double> Measure(MotModel model, IReadOnlyList<Batch> batches, IReadOnlyList<double> levels, CancellationToken cancellation = default)
    {
        using var _ = no_grad();
        var noise = Objective.NoiseOf(model.Config.Diffusion ?? throw new ArgumentException("the model has no diffusion", nameof(model)));
        return [.. levels.Select(level =>
        {
            var (sum, count) = (0.0, 0L);
            for (var i = 0; i < batches.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (batches[i].Images is not { PatchCount: > 0 } images)
                    continue;
                using var scope = NewDisposeScope();
                var noised = NoisedImages.Of(images, noise, [.. images.Spans.Select(_ => level)], seed: i, model.Device);
                using var pass = new BatchPass(model, batches[i], images: noised.Input);
                var predicted_PX = model.PredictPatches(pass.HiddenStates(), pass.Images!, pass.Routing);
                sum += noised.SquaredError(predicted_PX).ToDouble();
                count += predicted_PX.numel();
            }
            return sum / count;
        })];
    }
}
