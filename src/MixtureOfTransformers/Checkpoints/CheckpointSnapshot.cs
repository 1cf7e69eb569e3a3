using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Everything that goes into a checkpoint, copied into main memory so that training may go on while it is written: 12 bytes a parameter in fp32.
/// Disposing it frees the copies, on any thread.</summary>
internal sealed class CheckpointSnapshot : IDisposable
{
    private CheckpointSnapshot(MotConfig config, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state) =>
        (Config, Weights, Moments, State) = (config, weights, moments, state);

    /// <summary>The architecture.</summary>
    public MotConfig Config { get; }

    /// <summary>Copies of the weights by name; owned by this object.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights { get; }

    /// <summary>Copies of the optimizer's moments by name; owned by this object.</summary>
    public IReadOnlyDictionary<string, Tensor> Moments { get; }

    /// <summary>The state of the run.</summary>
    public CheckpointState State { get; }

    /// <summary>Copies; the arguments stay the caller's and may change afterwards.</summary>
    public static CheckpointSnapshot Of(MotModel model, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state)
    {
        using var scope = NewDisposeScope(); // a copy that fails for want of memory leaves none of the others behind
        using var _ = no_grad();
        var snapshot = new CheckpointSnapshot(model.Config, Copies(model.state_dict()), Copies(moments), state);
        foreach (var copy in snapshot.All)
            copy.DetachFromDisposeScope();
        return snapshot;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var copy in All)
            copy.Dispose();
    }

    private IEnumerable<Tensor> All => Weights.Values.Concat(Moments.Values);

    private static Dictionary<string, Tensor> Copies(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.ToDictionary(t => t.Key, t => empty(t.Value.shape, t.Value.dtype, CPU).copy_(t.Value));
}
