namespace MixtureOfTransformers.Models;

/// <summary>What the memory of training depends on besides the model.</summary>
internal sealed record MemorySettings
{
    /// <summary>Rows of a micro-batch on one device, B.</summary>
    public required int RowCount { get; init; }

    /// <summary>Tokens per row, T.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Whether activations and the weights in products are bf16; else fp32.</summary>
    public bool Bf16 { get; init; }

    /// <summary>See <see cref="MotModel.ActivationCheckpointing"/>.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Devices that train together.</summary>
    public int DeviceCount { get; init; } = 1;

    /// <summary>What they divide among themselves.</summary>
    public Sharding Sharding { get; init; }

    /// <summary>Tokens that a device has in memory at once, N.</summary>
    public long TokenCount => (long)RowCount * SequenceLength;

    /// <summary>Bytes of an activation.</summary>
    public int ComputeBytes => Bf16 ? 2 : 4;
}
