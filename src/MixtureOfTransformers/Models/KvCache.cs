// Legend: B rows, G key/value heads, T new tokens, S tokens stored so far, C capacity, K head width.
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Keys and values of every layer for the tokens seen so far, in buffers allocated once at full capacity; nothing is ever concatenated.</summary>
/// <remarks>No modality tags are needed: each row was produced by its own tower (SPEC §1.8). Not thread-safe.</remarks>
public sealed class KvCache : IDisposable
{
    private readonly Tensor[] _keys_BGCK;
    private readonly Tensor[] _values_BGCK;
    private readonly Tensor?[] _skipped_BC; // by layer; null where no token can skip it

    /// <summary>Allocates the buffers.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="rowCount">Sequences decoded together, B.</param>
    /// <param name="capacity">Most tokens per row, C, left padding included; with padding it may exceed the model's longest sequence.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="dtype">Compute dtype.</param>
    public KvCache(MotConfig config, int rowCount, int capacity, Device device, ScalarType dtype = ScalarType.Float32)
    {
        (RowCount, Capacity) = (rowCount, capacity);
        using var scope = NewDisposeScope();
        Tensor[] Allocate() => [.. Enumerable.Range(0, config.LayerCount).Select(_ =>
            zeros([rowCount, config.EffectiveKeyValueHeadCount, capacity, config.HeadDim], dtype, device).DetachFromDisposeScope())];
        (_keys_BGCK, _values_BGCK) = (Allocate(), Allocate());
        _skipped_BC = [.. Enumerable.Range(0, config.LayerCount).Select(layer =>
            config.MixtureOfDepths?.Has(layer) == true ? zeros([rowCount, capacity], ScalarType.Bool, device).DetachFromDisposeScope() : null)];
    }

    /// <summary>Sequences, B.</summary>
    public int RowCount { get; }

    /// <summary>Most tokens per sequence, C.</summary>
    public int Capacity { get; }

    /// <summary>Tokens stored so far, S.</summary>
    public int Length { get; private set; }

    /// <summary>Stores the new tokens' keys and values of one layer after the <see cref="Length"/> present ones.</summary>
    /// <param name="layer">Layer index.</param>
    /// <param name="k_BGTK">New keys.</param>
    /// <param name="v_BGTK">New values.</param>
    /// <returns>Views of all keys and values, [B, G, S + T, K].</returns>
    /// <exception cref="MotException">The cache is full.</exception>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor k_BGTK, Tensor v_BGTK)
    {
        var count = k_BGTK.shape[2];
        ThrowIfFull(count);
        return (Store(_keys_BGCK[layer], k_BGTK, count), Store(_values_BGCK[layer], v_BGTK, count));
    }

    /// <summary>Stores which of the new tokens skip a layer of <see cref="MixtureOfDepths"/>, after the <see cref="Length"/> present ones: nobody attends to them there.</summary>
    /// <param name="layer">Layer index.</param>
    /// <param name="skips_BT">Whether the token skips, boolean.</param>
    /// <exception cref="MotException">The cache is full.</exception>
    internal void Skip(int layer, Tensor skips_BT)
    {
        ThrowIfFull(skips_BT.shape[1]);
        using var slot = _skipped_BC[layer]!.narrow(1, Length, skips_BT.shape[1]);
        slot.copy_(skips_BT).Dispose();
    }

    /// <summary>Which tokens skipped a layer, a view [B, S + T] with the new ones; null where no token can.</summary>
    /// <param name="layer">Layer index.</param>
    /// <param name="count">New tokens, T.</param>
    internal Tensor? Skipped(int layer, int count) => _skipped_BC[layer]?.narrow(1, 0, Length + count);

    /// <summary>Counts <paramref name="tokens"/> as stored, once every layer has appended them.</summary>
    public void Advance(int tokens) => Length += tokens;

    /// <summary>Forgets all but the first <paramref name="length"/> tokens.</summary>
    internal void Rewind(int length) => Length = length <= Length ? length : throw new ArgumentOutOfRangeException(nameof(length), $"{length} tokens are more than the {Length} stored");

    /// <summary>The keys and values of a layer at full capacity, each [B, G, C, K]; owned by the cache.</summary>
    internal (Tensor Keys, Tensor Values) Buffers(int layer) => (_keys_BGCK[layer], _values_BGCK[layer]);

    /// <summary>Guards against more tokens than fit.</summary>
    /// <exception cref="MotException">Fewer than <paramref name="count"/> more fit.</exception>
    internal void ThrowIfFull(long count)
    {
        if (Length + count > Capacity)
            throw new MotException($"{Length + count} tokens do not fit a cache of {Capacity}; allocate a larger one");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _keys_BGCK.Concat(_values_BGCK).Concat(_skipped_BC.OfType<Tensor>()))
            buffer.Dispose();
    }

    private Tensor Store(Tensor buffer_BGCK, Tensor new_BGTK, long count)
    {
        using (var slot = buffer_BGCK.narrow(2, Length, count))
            slot.copy_(new_BGTK).Dispose();
        return buffer_BGCK.narrow(2, 0, Length + count);
    }
}
