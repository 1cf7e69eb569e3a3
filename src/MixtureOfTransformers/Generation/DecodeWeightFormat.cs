namespace MixtureOfTransformers.Generation;

/// <summary>The number format in which decoding reads the matrices of a model, token after token. Prompts are read in the compute dtype in any case.</summary>
public enum DecodeWeightFormat
{
    /// <summary>The model's compute dtype, on any device.</summary>
    Compute,

    /// <summary>Eight-bit whole numbers with one scale per row of a matrix: rounded, and a quarter of fp32's bytes to read; the model's own weights stay in memory.
    /// Activations, norms and embeddings are not rounded. Only on the CPU, with head and feed-forward widths that are multiples of 16.</summary>
    Int8,
}
