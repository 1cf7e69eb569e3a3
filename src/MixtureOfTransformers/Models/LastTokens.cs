// Legend: N packed tokens grouped by tower, B rows, D any width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The last token of every row of a batch, as a batch of its own: all that is left to compute where only what follows the rows is asked for.</summary>
internal sealed class LastTokens : IDisposable
{
    private readonly Tensor _rows_B;

    /// <param name="routing">Of the batch.</param>
    /// <param name="rowCount">B.</param>
    /// <param name="length">Tokens per row.</param>
    /// <param name="device">Where the model is.</param>
    public LastTokens(ModalityRouting routing, int rowCount, int length, Device device)
    {
        int[] tokens = [.. Enumerable.Range(1, rowCount).Select(row => (row * length) - 1)];
        using var scope = NewDisposeScope();
        Routing = routing.Subset(tokens, length, device);
        _rows_B = Upload.To(tensor(routing.RowsOf(tokens)), device).DetachFromDisposeScope();
    }

    /// <summary>Where each tower's last tokens are among them.</summary>
    public ModalityRouting Routing { get; }

    /// <summary>Their rows of all.</summary>
    /// <param name="xm_ND">[N, D], grouped by tower.</param>
    /// <returns>[B, D], grouped by tower, owned by the caller's scope.</returns>
    public Tensor Of(Tensor xm_ND) => xm_ND.index_select(0, _rows_B);

    /// <inheritdoc/>
    public void Dispose()
    {
        Routing.Dispose();
        _rows_B.Dispose();
    }
}
