// Legend: N packed tokens, D model width. Suffix m: rows grouped by tower.
using System.Collections.Immutable;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What a model computes on a batch, stage by stage: the embeddings, the residual stream after every layer, and the normalised states that the head reads.</summary>
public static class ModelStages
{
    /// <summary>The stages in order, one more than layers on either side: <c>embedding</c>, <c>layer 1</c>, …, <c>norm</c>.</summary>
    public static ImmutableArray<string> Names(MotConfig config) =>
        ["embedding", .. Enumerable.Range(1, config.LayerCount).Select(layer => string.Create(CultureInfo.InvariantCulture, $"layer {layer}")), "norm"];

    /// <summary>Runs the model as a training step does: routing over the whole batch, attention within documents.</summary>
    /// <param name="model">The model; called with gradients on or off as the caller has set.</param>
    /// <param name="batch">Host arrays; moved to the model's device here.</param>
    /// <param name="allowed">A mask in place of the causal one within documents; see <see cref="AttentionContext"/>.</param>
    /// <returns>One tensor a stage, [N, D] in sequence order, in the compute dtype, owned by the caller's scope.</returns>
    public static IReadOnlyList<Tensor> Run(MotModel model, Batch batch, Tensor? allowed = null)
    {
        using var scope = NewDisposeScope();
        using var pass = new BatchPass(model, batch, allowed);
        var stages = new List<Tensor>(model.Config.LayerCount + 2);
        var normm_ND = pass.HiddenStates((_, xm_ND) => stages.Add(pass.Routing.Restore(xm_ND).MoveToOuterDisposeScope()));
        stages.Add(pass.Routing.Restore(normm_ND));
        return [.. stages.Select(stage => stage.MoveToOuterDisposeScope())];
    }
}
