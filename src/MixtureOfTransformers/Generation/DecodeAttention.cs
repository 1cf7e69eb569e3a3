// Legend: B streams, H query heads, G key/value heads, C capacity of the cache, K head width.
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>Attention of one new token per stream over the cache, which it stores the new keys and values in.</summary>
internal abstract unsafe class DecodeAttention : IDisposable
{
    /// <summary>Attends with the query heads of one key/value head of one stream. May run for several at the same time.</summary>
    /// <param name="weights">The layer.</param>
    /// <param name="layer">Its index.</param>
    /// <param name="copy">The copy of its norms.</param>
    /// <param name="stream">Row of the cache.</param>
    /// <param name="padding">Tokens at the stream's start that are not attended to.</param>
    /// <param name="group">The key/value head.</param>
    /// <param name="qkv">Queries, keys and values of the new token, [(H + 2G)·K]; queries and keys are overwritten.</param>
    /// <param name="a_HK">Where the result goes, [H·K].</param>
    public abstract void Attend(DecodeLayer weights, int layer, int copy, int stream, int padding, int group, float* qkv, float* a_HK);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Attention over <paramref name="cache"/>, in its dtype.</summary>
    public static DecodeAttention Over(KvCache cache, MotConfig config) =>
        cache.Buffers(0).Keys.dtype == ScalarType.Float32 ? new DecodeAttention<Fp32>(cache, config) : new DecodeAttention<Bf16>(cache, config);
}

/// <summary>Attention over a cache in one format.</summary>
internal sealed unsafe class DecodeAttention<TCache> : DecodeAttention
    where TCache : unmanaged, INumberFormat<TCache>
{
    private readonly KvCache _cache;
    private readonly TCache*[] _keys_BGCK;
    private readonly TCache*[] _values_BGCK;
    private readonly TokenRotation _rotation;
    private readonly Scratch _scores_BHC;
    private readonly int _headDim, _heads, _groups, _scoreStride;

    public DecodeAttention(KvCache cache, MotConfig config)
    {
        (_cache, _headDim, _heads, _groups) = (cache, config.HeadDim, config.HeadCount, config.EffectiveKeyValueHeadCount);
        _keys_BGCK = new TCache*[config.LayerCount];
        _values_BGCK = new TCache*[config.LayerCount];
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var (keys, values) = cache.Buffers(layer);
            _keys_BGCK[layer] = TensorMemory.Pointer<TCache>(keys);
            _values_BGCK[layer] = TensorMemory.Pointer<TCache>(values);
        }
        _scoreStride = (cache.Capacity + VectorMath.Lanes - 1) / VectorMath.Lanes * VectorMath.Lanes;
        _scores_BHC = new((long)cache.RowCount * _heads * _scoreStride);
        _rotation = new(cache.Capacity, _headDim, config.RopeTheta);
    }

    public override void Attend(DecodeLayer weights, int layer, int copy, int stream, int padding, int group, float* qkv, float* a_HK)
    {
        var (shared, position) = (_heads / _groups, _cache.Length - padding);
        var q = qkv + (group * shared * _headDim);
        var k = qkv + ((_heads + group) * _headDim);
        for (var head = 0; head < shared; head++)
            Place(weights.QueryNorm, copy, q + (head * _headDim), position);
        Place(weights.KeyNorm, copy, k, position);

        var start = (((long)stream * _groups) + group) * _cache.Capacity;
        TCache* keys = _keys_BGCK[layer] + (start * _headDim), values = _values_BGCK[layer] + (start * _headDim);
        Append(k, keys);
        Append(k + (_groups * _headDim), values);
        TokenAttention<TCache>.Attend(q, shared, _headDim, keys + (padding * _headDim), values + (padding * _headDim), position + 1,
            _scores_BHC.Numbers + (((stream * _heads) + (group * shared)) * (long)_scoreStride), _scoreStride, a_HK + (group * shared * _headDim));
    }

    public override void Dispose()
    {
        _rotation.Dispose();
        _scores_BHC.Dispose();
    }

    private void Place(DecodeNorm[] norms, int copy, float* head, int position)
    {
        if (norms.Length > 0)
            norms[norms.Length == 1 ? 0 : copy].Apply(head, head);
        _rotation.Turn(head, position);
    }

    private void Append(float* from, TCache* rows)
    {
        for (var k = 0; k < _headDim; k += VectorMath.Lanes)
            TCache.Store(System.Runtime.Intrinsics.Vector512.Load(from + k), rows + ((long)_cache.Length * _headDim) + k);
    }
}
