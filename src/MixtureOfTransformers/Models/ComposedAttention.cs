// Legend: B rows, T new tokens, S keys, N = B·T, H query heads, G key/value heads, K head width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Attention by torch's operations: on every device, in every dtype, with cache, padding or any mask. Where the fused kernel can run it is what that kernel
/// is tested against.</summary>
internal sealed class ComposedAttention : IDisposable
{
    private readonly MotConfig _config;
    private readonly int _rowCount;
    private readonly int _length;
    private readonly RotaryEmbedding? _rotary;
    private readonly Tensor? _allowed;
    private readonly KvCache? _cache;
    private readonly Device _device;
    private readonly IReadOnlyList<(int Start, int Length)>? _documents; // each in a row of its own; null where attention takes the rows as they are
    private readonly bool _isCausal; // where there is no mask
    private SegmentLayout? _layout;

    /// <summary>Prepares positions and mask; the arguments are those of <see cref="AttentionContext"/>.</summary>
    public ComposedAttention(MotConfig config, int rowCount, int length, Device device, ScalarType dtype, KvCache? cache, ReadOnlySpan<int> leftPadding, Tensor? allowed, bool rotary, ReadOnlySpan<int> segments,
        ReadOnlySpan<int> images = default)
    {
        (_config, _rowCount, _length, _device, _cache) = (config, rowCount, length, device, cache);
        var past = cache?.Length ?? 0;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var padding_B1 = leftPadding.IsEmpty || leftPadding.IndexOfAnyExcept(0) < 0 ? null : Upload.To(tensor(leftPadding.ToArray(), ScalarType.Int64), device).unsqueeze(1);
        var isShared = segments.IndexOfAnyExcept(0, Batch.PaddingSegment) >= 0; // a row of one document and its padding is causal as it is
        _documents = !isShared ? null : SegmentLayout.DocumentsIfSmaller(segments, length);
        length = _documents?.Max(document => document.Length) ?? length; // positions are relative: they may count from the start of the row or of the document
        var positions_T = arange(past, past + length, dtype: ScalarType.Int64, device: device);
        if (rotary)
            _rotary = new RotaryEmbedding(padding_B1 is null ? positions_T : (positions_T - padding_B1).clamp_min(0), config.HeadDim, config.RopeTheta, dtype);
        var isOneImage = IsOneImage(images);
        _isCausal = length > 1 && !isOneImage;
        _allowed = (allowed?.clone() ?? (_documents is not null ? null : isShared ? SegmentMask(segments, device) : MaskFor(positions_T, past + length, padding_B1, isOneImage)))?.DetachFromDisposeScope();
        if (!images.IsEmpty && !isOneImage)
            _allowed = WithImages(images, past, length, device);
    }

    /// <summary>Prepares attention among some tokens of a batch.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="spans">Their documents and positions.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="dtype">Compute dtype.</param>
    /// <param name="rotary">False for a model without positions.</param>
    public ComposedAttention(MotConfig config, AttentionSpans spans, Device device, ScalarType dtype, bool rotary)
    {
        (_config, _rowCount, _length, _device, _isCausal) = (config, spans.Starts.Length, spans.Longest, device, spans.Longest > 1);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _documents = [.. spans.Starts.Zip(spans.Lengths)];
        var positions = new long[_rowCount * _length]; // 0 behind the end of a document
        for (var document = 0; document < _rowCount; document++)
            for (var i = 0; i < spans.Lengths[document]; i++)
                positions[(document * _length) + i] = spans.Position(document, spans.Starts[document] + i);
        _rotary = rotary ? new RotaryEmbedding(Upload.To(tensor(positions, [_rowCount, _length]), device), config.HeadDim, config.RopeTheta, dtype) : null;
    }

    /// <summary>Attends; see <see cref="AttentionContext.Attend"/>.</summary>
    public Tensor Attend(int layer, Tensor qm_ND, Tensor km_ND, Tensor vm_ND, ModalityRouting routing)
    {
        using var scope = NewDisposeScope();
        if (_documents is not null)
            _layout ??= SegmentLayout.Of(_documents, routing, _device);
        Tensor Ordered(Tensor xm_ND) => _layout?.Spread(xm_ND) ?? routing.Restore(xm_ND);
        var q_BHTK = Heads(Ordered(qm_ND), _config.HeadCount, turn: true);
        var k_BGSK = Heads(Ordered(km_ND), _config.EffectiveKeyValueHeadCount, turn: true);
        var v_BGSK = Heads(Ordered(vm_ND), _config.EffectiveKeyValueHeadCount, turn: false);
        if (_cache is not null)
            (k_BGSK, v_BGSK) = _cache.Append(layer, k_BGSK, v_BGSK);
        var allowed = _cache?.Skipped(layer, _length) is { } skipped_BS ? Unskipped(skipped_BS) : _allowed;
        var a_BHTK = Attention.Attend(q_BHTK, k_BGSK, v_BGSK, allowed, causal: allowed is null && _isCausal);
        var a_ND = a_BHTK.transpose(1, 2).reshape(-1, qm_ND.shape[1]);
        return (_layout?.Collect(a_ND) ?? routing.Group(a_ND)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rotary?.Dispose();
        _layout?.Dispose();
        _allowed?.Dispose();
    }

    private Tensor Heads(Tensor x_ND, int heads, bool turn)
    {
        var x_BTHK = x_ND.reshape(_layout?.RowCount ?? _rowCount, -1, heads, _config.HeadDim);
        return (turn && _rotary is not null ? _rotary.Apply(x_BTHK) : x_BTHK).transpose(1, 2);
    }

    /// <summary>Causal within each document, [B, 1, T, T].</summary>
    private Tensor SegmentMask(ReadOnlySpan<int> segments, Device device)
    {
        var segments_BT = Upload.To(tensor(segments.ToArray(), [_rowCount, _length]), device);
        return segments_BT.unsqueeze(2).eq(segments_BT.unsqueeze(1)).tril().unsqueeze(1);
    }

    /// <summary>The mask without the keys of tokens that skip the layer, [B, 1, T, S]; each of those sees itself, so that its softmax is defined.</summary>
    private Tensor Unskipped(Tensor skipped_BS)
    {
        var keys_S = arange(skipped_BS.shape[1], dtype: ScalarType.Int64, device: skipped_BS.device);
        var query_T1 = keys_S.narrow(0, keys_S.shape[0] - _length, _length).unsqueeze(1);
        return ((_allowed ?? keys_S <= query_T1) & skipped_BS.logical_not().unsqueeze(1).unsqueeze(1)) | (keys_S == query_T1);
    }

    /// <summary>Whether all new tokens of every row are of one image.</summary>
    private bool IsOneImage(ReadOnlySpan<int> images)
    {
        for (var row = 0; row < _rowCount && !images.IsEmpty; row++)
            if (images.Slice(row * _length, _length) is var own && (own[0] < 0 || own.IndexOfAnyExcept(own[0]) >= 0))
                return false;
        return !images.IsEmpty;
    }

    /// <summary>The mask, or the causal one where there is none, and what images see beyond it: [B, 1, T, past + T], or by document, [S, 1, L, L].</summary>
    private Tensor WithImages(ReadOnlySpan<int> images, int past, int length, Device device)
    {
        var images_BT = Upload.To(tensor(_documents is null ? images.ToArray() : ByDocument(images, length), [_documents?.Count ?? _rowCount, length]), device);
        var same_B1TT = (images_BT.unsqueeze(2).eq(images_BT.unsqueeze(1)) & images_BT.ge(0).unsqueeze(2)).unsqueeze(1);
        if (past > 0)
            same_B1TT = nn.functional.pad(same_B1TT.to(ScalarType.Byte), [past, 0]).to(ScalarType.Bool);
        using var without = _allowed;
        return ((without ?? ones([length, past + length], ScalarType.Bool, device).tril(past)) | same_B1TT).DetachFromDisposeScope();
    }

    /// <summary>The image of each place of documents in rows of their own; padding is in none.</summary>
    private int[] ByDocument(ReadOnlySpan<int> images, int length)
    {
        var spread = new int[_documents!.Count * length];
        Array.Fill(spread, -1);
        for (var document = 0; document < _documents.Count; document++)
            images.Slice(_documents[document].Start, _documents[document].Length).CopyTo(spread.AsSpan(document * length));
        return spread;
    }

    /// <summary>Null where libtorch's own causal flag says the same: no padding, and either no past or a single new token; or where the new tokens all see each other.</summary>
    private Tensor? MaskFor(Tensor positions_T, int keyCount, Tensor? padding_B1, bool isOneImage)
    {
        if (padding_B1 is null && (isOneImage || _length == 1 || keyCount == _length))
            return null;
        var keys_S = arange(keyCount, dtype: ScalarType.Int64, device: positions_T.device);
        var causal_TS = isOneImage ? ones([_length, keyCount], ScalarType.Bool, positions_T.device) : keys_S.unsqueeze(0) <= positions_T.unsqueeze(1);
        if (padding_B1 is null)
            return causal_TS;
        var real_BS = keys_S.unsqueeze(0) >= padding_B1;
        var self_TS = keys_S.unsqueeze(0) == positions_T.unsqueeze(1); // a padding query attends to itself, so that its softmax is defined
        return ((causal_TS & real_BS.unsqueeze(1)) | self_TS).unsqueeze(1);
    }
}
