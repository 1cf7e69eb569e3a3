// Legend: n sampled tokens, D model width.
using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Analyses what a model computes, stage by stage.</summary>
public static class StageAnalyses
{
    /// <summary>Separation, norms and principal plane of the states after the embedding, after every layer, and after the final norm.</summary>
    /// <param name="model">The model; nothing about it changes.</param>
    /// <param name="batches">Held-out batches; no more are taken than are needed.</param>
    /// <param name="tokensPerModality">Tokens of each modality to measure on; fewer where the batches end.</param>
    /// <param name="pointsPerModality">States of each modality to keep for a plot.</param>
    /// <param name="cancellation">Looked at between batches and stages.</param>
    /// <exception cref="MotException">The batches hold fewer than two tokens.</exception>
    public static ImmutableArray<StageAnalysis> Of(MotModel model, IEnumerable<Batch> batches, int tokensPerModality = 1000, int pointsPerModality = 200, CancellationToken cancellation = default)
    {
        using var sample = StateSample.Collect(model, batches, tokensPerModality, cancellation);
        return [.. ModelStages.Names(model.Config).Zip(sample.Stages, (name, states) =>
        {
            cancellation.ThrowIfCancellationRequested();
            return new StageAnalysis(name, ModalitySeparation.Measure(states, sample.Modalities), Norms(model.Config, states, sample.Modalities), PrincipalPlane.Of(states, sample.Modalities, pointsPerModality));
        })];
    }

    private static ImmutableArray<ModalityNorm> Norms(MotConfig config, Tensor states, byte[] modalities)
    {
        using var scope = NewDisposeScope();
        return [.. modalities.Select((modality, i) => (modality, i)).GroupBy(pair => pair.modality, pair => (long)pair.i).OrderBy(group => group.Key)
            .Select(group => ModalityNorm.Of(config.Modalities[group.Key], states.index_select(0, tensor(group.ToArray()))))];
    }
}
