// Legend: N packed tokens, n sampled tokens, D model width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>Hidden states of held-out tokens at every stage of a model (<see cref="ModelStages"/>), as many of each modality as were asked for and found.</summary>
internal sealed class StateSample : IDisposable
{
    private readonly Tensor[] _stages;

    private StateSample(byte[] modalities, Tensor[] stages) => (Modalities, _stages) = (modalities, stages);

    /// <summary>The modality index of each token, [n].</summary>
    public byte[] Modalities { get; }

    /// <summary>The states by stage, [n, D] each in fp32 on the CPU; owned by this object.</summary>
    public IReadOnlyList<Tensor> Stages => _stages;

    /// <summary>Runs the model until there are enough tokens, padding left out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batches">Held-out batches; no more are taken than are needed.</param>
    /// <param name="tokensPerModality">Tokens of each modality; fewer where the batches end.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="MotException">There are no tokens.</exception>
    public static StateSample Collect(MotModel model, IEnumerable<Batch> batches, int tokensPerModality, CancellationToken cancellation = default)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (modalities, parts) = (new List<byte>(), new List<Tensor[]>());
        var left = Enumerable.Repeat(tokensPerModality, model.Config.Modalities.Length).ToArray();
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] chosen = [.. Enumerable.Range(0, batch.Inputs.Length).Where(i => batch.Segments[i] != Batch.PaddingSegment && left[batch.Modalities[i]]-- > 0)];
            if (chosen.Length > 0)
                parts.Add(StatesOf(model, batch, chosen));
            modalities.AddRange(chosen.Select(i => batch.Modalities[i]));
            if (left.All(count => count <= 0))
                break;
        }
        if (parts.Count == 0)
            throw new MotException("there are no held-out tokens to analyse; raise validation_fraction, or mark a source with split: validation");
        return new([.. modalities], [.. Enumerable.Range(0, parts[0].Length).Select(stage => cat([.. parts.Select(part => part[stage])], 0).DetachFromDisposeScope())]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var stage in _stages)
            stage.Dispose();
    }

    private static Tensor[] StatesOf(MotModel model, Batch batch, int[] chosen)
    {
        using var scope = NewDisposeScope();
        var chosen_n = tensor(chosen, device: model.Device);
        return [.. ModelStages.Run(model, batch).Select(stage_ND => stage_ND.index_select(0, chosen_n).to(ScalarType.Float32).cpu().MoveToOuterDisposeScope())];
    }
}
