using System.Collections.Immutable;

namespace MixtureOfTransformers.Models;

/// <summary>Memory that training takes on each device, computed from the configuration alone (nothing is allocated).</summary>
/// <remarks>Not counted: libtorch itself, what its allocator keeps free, the temporaries of single operations, and buffers for communication.</remarks>
/// <param name="Lines">The parts.</param>
/// <param name="CheckpointCopy">Main memory that the copy of weights and moments takes while a checkpoint is written, bytes, over all devices.</param>
internal sealed record MemoryEstimate(ImmutableArray<MemoryLine> Lines, long CheckpointCopy)
{
    private const int Fp32 = 4, Bf16 = 2;

    /// <summary>Bytes on each device.</summary>
    public long Total => Lines.Sum(line => line.Bytes);

    /// <summary>Bytes of the part of that name; 0 where there is none.</summary>
    public long this[string name] => Lines.Where(line => line.Name == name).Sum(line => line.Bytes);

    /// <summary>Estimates.</summary>
    public static MemoryEstimate Of(MotConfig config, MemorySettings settings)
    {
        var count = ParameterCount.Of(config);
        var (weightShare, gradientShare, momentShare) = (ShareFrom(Sharding.Full), ShareFrom(Sharding.Gradients), ShareFrom(Sharding.Optimizer));
        var lines = ImmutableArray.CreateBuilder<MemoryLine>();
        lines.Add(new("weights", "weights, fp32", weightShare * Fp32));
        lines.Add(new("gradients", "gradients, fp32", gradientShare * Fp32));
        lines.Add(new("optimizer", "Adam's two moments, fp32", momentShare * 2 * Fp32));
        if (settings.Bf16) // kept from forward to backward, or where layers run again only of the layer at work; embeddings are not cast
            lines.Add(new("compute_weights", "weights in bf16, for the products", Math.Min(weightShare, (settings.ActivationCheckpointing ? count.PerLayer : count.NonEmbedding) + (count.Embeddings / 2)) * Bf16));
        if (settings.Sharding == Sharding.Full && settings.DeviceCount > 1) // the layer at work is whole on every device, and so are embeddings or head
            lines.Add(new("gathered_weights", "weights of the layer at work, gathered", Math.Max(count.PerLayer, count.Embeddings / 2) * settings.ComputeBytes));
        lines.Add(new("activations", settings.ActivationCheckpointing ? "activations: layer inputs, and one layer" : "activations of the layers", ActivationMemory.Layers(config, settings)));
        lines.Add(new("final_norm", "activations of the final norm", ActivationMemory.FinalNorm(config, settings)));
        if (ActivationMemory.Patches(config, settings) is > 0 and var patches)
            lines.Add(new("patches", "patches of images: projections and loss", patches));
        lines.Add(new("head", "head: a chunk of logits, two gradients", ActivationMemory.Head(config, settings)));
        return new(lines.ToImmutable(), count.Total * 3 * Fp32);

        // Parameters of which a device holds what is divided from that kind of sharding on.
        long ShareFrom(Sharding divided) => settings.Sharding >= divided ? (count.Total + settings.DeviceCount - 1) / settings.DeviceCount : count.Total;
    }
}
