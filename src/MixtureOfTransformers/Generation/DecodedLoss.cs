// Legend: B rows, V vocabulary, M modalities.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Generation;

/// <summary>Loss by modality as decoding computes it, one token of every row after another. In fp32 it is what <see cref="Validation"/> measures.</summary>
internal static class DecodedLoss
{
    /// <summary>Measures.</summary>
    /// <param name="model">The model; nothing about it changes.</param>
    /// <param name="batches">Held-out batches.</param>
    /// <param name="weights">The format to measure.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <param name="progress">Told after each batch how many are done; null for none.</param>
    /// <exception cref="MotException">There is nothing to measure on, the model's images are diffused, or the kernels cannot decode with it.</exception>
    public static ValidationLoss Measure(MotModel model, IReadOnlyList<Batch> batches, DecodeWeightFormat weights,
        CancellationToken cancellation = default, IProgress<int>? progress = null)
    {
        Validation.ThrowIfEmpty(batches);
        if (model.Config.Diffusion is not null)
            throw new MotException("the loss of diffused images cannot be measured token by token; measure it on whole sequences, with --weights compute");
        DecodeWeights.ThrowIfUnsupported(model);
        var (sums_M, counts_M) = (new double[model.Config.Modalities.Length], new long[model.Config.Modalities.Length]);
        for (var done = 0; done < batches.Count; done++)
        {
            Add(model, batches[done], weights, sums_M, counts_M, cancellation);
            progress?.Report(done + 1);
        }
        var tally = new LossTally(sums_M, counts_M);
        return new(new NextTokenLoss().Mean(sums_M, counts_M), tally.PerModality(model.Config.Modalities), tally.Targets);
    }

    private static void Add(MotModel model, Batch batch, DecodeWeightFormat weights, double[] sums_M, long[] counts_M, CancellationToken cancellation)
    {
        using var cache = new KvCache(model.Config, batch.RowCount, batch.Length, model.Device, model.ComputeType);
        using var step = new DecodeStep(model, cache, weights);
        var (tokens_B, modalities_B, padding_B) = (new long[batch.RowCount], new byte[batch.RowCount], new int[batch.RowCount]);
        for (var t = 0; t < batch.Length; t++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var row = 0; row < batch.RowCount; row++)
            {
                var i = (row * batch.Length) + t;
                (tokens_B[row], modalities_B[row]) = (batch.Inputs[i], batch.Modalities[i]);
                if (t > 0 && batch.Segments[i] != batch.Segments[i - 1])
                    padding_B[row] = t; // a document sees nothing of the one before it
            }
            step.Run(tokens_B, modalities_B, padding_B, 0, model.Config.VocabularySize);
            for (var row = 0; row < batch.RowCount; row++)
            {
                var i = (row * batch.Length) + t;
                if (batch.Targets[i] == Batch.IgnoredTarget)
                    continue;
                sums_M[batch.TargetModalities[i]] += CrossEntropy(step.Logits(row), (int)batch.Targets[i]);
                counts_M[batch.TargetModalities[i]]++;
            }
        }
    }

    private static double CrossEntropy(ReadOnlySpan<float> logits_V, int target)
    {
        var (largest, sum) = (float.NegativeInfinity, 0.0);
        foreach (var logit in logits_V)
            largest = Math.Max(largest, logit);
        foreach (var logit in logits_V)
            sum += Math.Exp(logit - largest);
        return Math.Log(sum) + largest - logits_V[target];
    }
}
