namespace MixtureOfTransformers.Models;

/// <summary>What the devices of a data-parallel run divide among themselves in place of each holding all of it (ZeRO, arXiv:1910.02054).</summary>
internal enum Sharding
{
    /// <summary>Nothing: every device holds everything (DDP).</summary>
    None,

    /// <summary>The optimizer's moments (ZeRO 1).</summary>
    Optimizer,

    /// <summary>Moments and gradients (ZeRO 2).</summary>
    Gradients,

    /// <summary>Moments, gradients and weights (ZeRO 3, FSDP full shard).</summary>
    Full,
}
