// Legend: B rows, T tokens of each, G key/value heads, C capacity, K head width.
namespace MixtureOfTransformers.Kernels;

/// <summary>Where the keys and values of a batch are kept for tokens that follow later: in buffers of a cache, [B, G, C, K].</summary>
/// <param name="keys">Keys; null to keep nothing.</param>
/// <param name="values">Values.</param>
/// <param name="length">T.</param>
/// <param name="heads">G.</param>
/// <param name="capacity">C.</param>
/// <param name="headDim">K.</param>
internal readonly unsafe struct KeyValuePlaces<T>(T* keys, T* values, int length, int heads, int capacity, int headDim)
    where T : unmanaged, INumberFormat<T>
{
    /// <summary>Whether anything is kept.</summary>
    public bool Exist => keys is not null;

    /// <summary>Where the key of a token of the batch goes.</summary>
    public T* KeyOf(int token, int head) => keys + Offset(token, head);

    /// <summary>Where its value goes.</summary>
    public T* ValueOf(int token, int head) => values + Offset(token, head);

    private long Offset(int token, int head) => (((((long)(token / length) * heads) + head) * capacity) + (token % length)) * headDim;
}
