namespace MixtureOfTransformers.Batching;

/// <summary>A tokenized document.</summary>
public sealed class TokenSequence
{
    /// <summary>Wraps the arrays without copying.</summary>
    /// <param name="ids">Token ids of the joint vocabulary.</param>
    /// <param name="modalities">The modality index of each.</param>
    /// <param name="vectors">See <see cref="Vectors"/>; null for none.</param>
    /// <exception cref="ArgumentException">The arrays are empty or differ in length.</exception>
    public TokenSequence(int[] ids, byte[] modalities, float[]? vectors = null)
    {
        if (ids.Length == 0 || ids.Length != modalities.Length)
            throw new ArgumentException($"a document needs at least one token and one modality for each, not {ids.Length} and {modalities.Length}");
        (Ids, Modalities, Vectors) = (ids, modalities, vectors ?? []);
    }

    /// <summary>Token ids of the joint vocabulary.</summary>
    public int[] Ids { get; }

    /// <summary>The modality index of each token, as in <see cref="Batch.Modalities"/>.</summary>
    public byte[] Modalities { get; }

    /// <summary>The numbers of all tokens that are vectors, one token after the other.</summary>
    public float[] Vectors { get; }

    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Length;
}
