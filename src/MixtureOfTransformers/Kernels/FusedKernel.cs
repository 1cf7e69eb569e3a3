namespace MixtureOfTransformers.Kernels;

/// <summary>What of a training step the kernels of this folder do, for measuring what each is worth; see <see cref="FusedKernels.Without"/>.</summary>
internal enum FusedKernel
{
    /// <summary>Attention with QK-norm, rotary embedding and both changes of order.</summary>
    Attention,

    /// <summary>Norm and residual.</summary>
    Norm,

    /// <summary>SwiGLU.</summary>
    SwiGlu,

    /// <summary>Projections of all towers into one result, and their weight gradients.</summary>
    TowerProduct,

    /// <summary>Head and cross-entropy.</summary>
    HeadLoss,

    /// <summary>The optimizer.</summary>
    AdamW,

    /// <summary>Products of bf16 in the processor's matrix unit, in attention, tower products and the head; without it attention multiplies in fp32, the others by torch.</summary>
    MatrixUnit,
}
