// Legend: B rows, T tokens, N = B·T, D model width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>A batch on its way through a model, as in a training step: its tokens, where those of each tower are, its images where they are vectors, and attention within documents. Dispose it after the pass.</summary>
internal sealed class BatchPass : IDisposable
{
    private readonly MotModel _model;
    private readonly AttentionContext _context;
    private readonly Tensor _tokens_BT;

    /// <summary>Lays the batch out for a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Host arrays; moved to the model's device here, owned by the caller's scope.</param>
    /// <param name="allowed">A mask in place of the causal one within documents; see <see cref="AttentionContext"/>.</param>
    /// <param name="images">Its images, where they are vectors and noised; null for clean ones.</param>
    public BatchPass(MotModel model, Batch batch, Tensor? allowed = null, PatchInput? images = null)
    {
        _model = model;
        _context = new(model.Config, batch.RowCount, batch.Length, model.Device, model.ComputeType, allowed: allowed, segments: allowed is null ? batch.Segments : [], images: allowed is null ? batch.ImageOfToken : []);
        Routing = model.Route(batch.Modalities);
        _tokens_BT = Upload.To(tensor(batch.Inputs, [batch.RowCount, batch.Length]), model.Device);
        images ??= batch.Images is { PatchCount: > 0 } present ? PatchInput.Clean(model, present) : null;
        Images = images is null ? null : model.EmbedPatches(images);
    }

    /// <summary>Where each tower's tokens are.</summary>
    public ModalityRouting Routing { get; }

    /// <summary>Its images, where they are vectors.</summary>
    public EmbeddedPatches? Images { get; }

    /// <summary>Runs the layers; see <see cref="MotModel.HiddenStates"/>.</summary>
    /// <returns>[N, D] grouped by tower, owned by the caller's scope.</returns>
    public Tensor HiddenStates(Action<int, Tensor>? observe = null) => _model.HiddenStates(_tokens_BT, Routing, _context, observe, Images);

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        Routing.Dispose();
    }
}
