// Legend: B rows, T new tokens, S keys, N = B·T, H query heads, G key/value heads, K head width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>What attention needs to know about one forward pass, shared by all layers: the shape of the batch, positions, mask and cache.</summary>
/// <remarks>Dispose it after the pass; the cache stays the caller's.</remarks>
public sealed class AttentionContext : IDisposable
{
    private readonly MotConfig _config;
    private readonly RotaryEmbedding? _rotary;
    private readonly Tensor? _allowed;
    private readonly KvCache? _cache;
    private readonly SegmentLayout? _layout;
    private int _holders = 1;

    /// <summary>Prepares a forward pass of B rows of T tokens.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="rowCount">Rows, B.</param>
    /// <param name="length">New tokens per row, T.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="dtype">Compute dtype.</param>
    /// <param name="cache">Earlier tokens; the new ones are appended to it. Null for a pass over whole sequences.</param>
    /// <param name="leftPadding">Padding tokens at the start of each row, [B]; null for none. Padding is never attended to and takes no position.</param>
    /// <param name="allowed">A mask in place of the causal one, [T, S] or [B, 1, T, S], true where attention is allowed; copied.</param>
    /// <param name="rotary">False for a model without positions.</param>
    /// <param name="segments">The document of its row that each token belongs to, [B·T] row after row, where rows hold several documents: attention stays within one.
    /// See <see cref="Batch.Segments"/>; empty where each row is one document. Not with a cache, padding or mask.</param>
    /// <exception cref="ArgumentException"><paramref name="segments"/> has another length, or is given beside a cache, padding or mask.</exception>
    /// <exception cref="MotException">A row without its padding is longer than the model allows.</exception>
    public AttentionContext(MotConfig config, int rowCount, int length, Device device, ScalarType dtype = ScalarType.Float32,
        KvCache? cache = null, ReadOnlySpan<int> leftPadding = default, Tensor? allowed = null, bool rotary = true, ReadOnlySpan<int> segments = default)
    {
        var past = cache?.Length ?? 0;
        var longest = past + length - (leftPadding.IsEmpty ? 0 : leftPadding.ToArray().Min());
        if (longest > config.MaxSequenceLength)
            throw new MotException($"sequence of {longest} tokens exceeds max_sequence_length {config.MaxSequenceLength}; truncate it or raise the limit in the recipe");
        (_config, RowCount, Length, _cache) = (config, rowCount, length, cache);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var padding_B1 = leftPadding.IsEmpty || leftPadding.IndexOfAnyExcept(0) < 0 ? null : tensor(leftPadding.ToArray(), ScalarType.Int64, device).unsqueeze(1);
        ThrowIfContradictory(segments, rowCount * length, cache, leftPadding, allowed);
        var isShared = segments.IndexOfAnyExcept(0, Batch.PaddingSegment) >= 0; // a row of one document and its padding is causal as it is
        _layout = !isShared ? null : SegmentLayout.CreateIfSmaller(segments, length, device);
        length = _layout?.Length ?? length; // positions are relative: they may count from the start of the row or of the document
        var positions_T = arange(past, past + length, dtype: ScalarType.Int64, device: device);
        if (rotary)
            _rotary = new RotaryEmbedding(padding_B1 is null ? positions_T : (positions_T - padding_B1).clamp_min(0), config.HeadDim, config.RopeTheta, dtype);
        _allowed = _layout is null ? (allowed?.clone() ?? (isShared ? SegmentMask(segments, device) : null) ?? MaskFor(positions_T, past + length, padding_B1))?.DetachFromDisposeScope() : null;
    }

    /// <summary>Rows, B.</summary>
    public int RowCount { get; }

    /// <summary>New tokens per row, T.</summary>
    public int Length { get; }

    /// <summary>Global self-attention over every modality (Algorithm 1, line 9), with rotary positions.</summary>
    /// <param name="layer">Layer index, for the cache.</param>
    /// <param name="q_ND">Queries in sequence order, [N, H·K].</param>
    /// <param name="k_ND">Keys, [N, G·K].</param>
    /// <param name="v_ND">Values, [N, G·K].</param>
    /// <returns>[N, H·K] in sequence order, owned by the caller's scope.</returns>
    public Tensor Attend(int layer, Tensor q_ND, Tensor k_ND, Tensor v_ND)
    {
        using var scope = NewDisposeScope();
        if (_layout is not null)
            (q_ND, k_ND, v_ND) = (_layout.Spread(q_ND), _layout.Spread(k_ND), _layout.Spread(v_ND));
        var q_BHTK = Heads(q_ND, _config.HeadCount, turn: true);
        var k_BGSK = Heads(k_ND, _config.EffectiveKeyValueHeadCount, turn: true);
        var v_BGSK = Heads(v_ND, _config.EffectiveKeyValueHeadCount, turn: false);
        if (_cache is not null)
            (k_BGSK, v_BGSK) = _cache.Append(layer, k_BGSK, v_BGSK);
        var a_BHTK = Attention.Attend(q_BHTK, k_BGSK, v_BGSK, _allowed, causal: _allowed is null && Length > 1);
        var a_ND = a_BHTK.transpose(1, 2).reshape(q_ND.shape[0], q_ND.shape[1]);
        return (_layout?.Collect(a_ND) ?? a_ND).MoveToOuterDisposeScope();
    }

    /// <summary>Ends the pass: the cache counts the new tokens as stored. Called by the model after its last layer.</summary>
    public void Complete() => _cache?.Advance(Length);

    /// <summary>Keeps this alive until it is disposed once more: for a backward pass that runs the layers again.</summary>
    internal void Retain() => _holders++;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (--_holders > 0)
            return;
        _rotary?.Dispose();
        _layout?.Dispose();
        _allowed?.Dispose();
    }

    private Tensor Heads(Tensor x_ND, int heads, bool turn)
    {
        var x_BTHK = x_ND.reshape(_layout?.RowCount ?? RowCount, -1, heads, _config.HeadDim);
        return (turn && _rotary is not null ? _rotary.Apply(x_BTHK) : x_BTHK).transpose(1, 2);
    }

    private static void ThrowIfContradictory(ReadOnlySpan<int> segments, int tokens, KvCache? cache, ReadOnlySpan<int> leftPadding, Tensor? allowed)
    {
        if (!segments.IsEmpty && segments.Length != tokens)
            throw new ArgumentException($"segments has {segments.Length} entries for {tokens} tokens", nameof(segments));
        if (!segments.IsEmpty && (cache is not null || !leftPadding.IsEmpty || allowed is not null))
            throw new ArgumentException("segments go with whole sequences alone: not with a cache, left padding or a mask", nameof(segments));
    }

    /// <summary>Causal within each document, [B, 1, T, T].</summary>
    private Tensor SegmentMask(ReadOnlySpan<int> segments, Device device)
    {
        var segments_BT = tensor(segments.ToArray(), [RowCount, Length], device: device);
        return segments_BT.unsqueeze(2).eq(segments_BT.unsqueeze(1)).tril().unsqueeze(1);
    }

    /// <summary>Null where libtorch's own causal flag says the same: no padding, and either no past or a single new token.</summary>
    private Tensor? MaskFor(Tensor positions_T, int keyCount, Tensor? padding_B1)
    {
        if (padding_B1 is null && (Length == 1 || keyCount == Length))
            return null;
        var keys_S = arange(keyCount, dtype: ScalarType.Int64, device: positions_T.device);
        var causal_TS = keys_S.unsqueeze(0) <= positions_T.unsqueeze(1);
        if (padding_B1 is null)
            return causal_TS;
        var real_BS = keys_S.unsqueeze(0) >= padding_B1;
        var self_TS = keys_S.unsqueeze(0) == positions_T.unsqueeze(1); // a padding query attends to itself, so that its softmax is defined
        return ((causal_TS & real_BS.unsqueeze(1)) | self_TS).unsqueeze(1);
    }
}
