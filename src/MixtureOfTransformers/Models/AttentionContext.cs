// Legend: B rows, T new tokens, S keys, N = B·T, H query heads, G key/value heads, K head width, E = (H + 2G)·K. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>What attention needs to know about one forward pass, shared by all layers: the shape of the batch, positions, mask and cache.</summary>
/// <remarks>Dispose it after the pass; the cache stays the caller's.</remarks>
public sealed class AttentionContext : IDisposable
{
    private readonly MotConfig _config;
    private readonly KvCache? _cache;
    private readonly Lazy<ComposedAttention> _composed;
    private readonly AttentionSpans? _spans; // null where the kernel cannot run
    private readonly RotationTable? _rotation;
    private readonly int[] _segments = []; // of each token; empty where every row is one document
    private bool[]? _paddingm;
    private readonly Func<AttentionSpans, ComposedAttention>? _ofSpans; // attention among some of the tokens; null where a mask or a cache says who sees what
    private int[]? _documentStarts;
    private int _holders = 1;

    /// <summary>Prepares a forward pass of B rows of T tokens.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="rowCount">Rows, B.</param>
    /// <param name="length">New tokens per row, T.</param>
    /// <param name="device">Where the model is.</param>
    /// <param name="dtype">Compute dtype.</param>
    /// <param name="cache">Earlier tokens; the new ones are appended to it. Null for a pass over whole sequences.</param>
    /// <param name="leftPadding">Padding tokens at the start of each row, [B]; null for none. Padding is never attended to and takes no position.</param>
    /// <param name="allowed">A mask in place of the causal one, [T, S] or [B, 1, T, S], true where attention is allowed; must live as long as this.</param>
    /// <param name="rotary">False for a model without positions.</param>
    /// <param name="segments">The document of its row that each token belongs to, [B·T] row after row, where rows hold several documents: attention stays within one.
    /// See <see cref="Batch.Segments"/>; empty where each row is one document. Not with a cache, padding or mask.</param>
    /// <param name="images">The image that each new token belongs to, [B·T], −1 for none: the tokens of an image, which follow each other in their row, all see each other. Empty where all attention
    /// is causal. Not with a mask.</param>
    /// <exception cref="ArgumentException"><paramref name="segments"/> or <paramref name="images"/> has another length, or is given beside what it does not go with.</exception>
    /// <exception cref="MotException">A row without its padding is longer than the model allows.</exception>
    public AttentionContext(MotConfig config, int rowCount, int length, Device device, ScalarType dtype = ScalarType.Float32,
        KvCache? cache = null, ReadOnlySpan<int> leftPadding = default, Tensor? allowed = null, bool rotary = true, ReadOnlySpan<int> segments = default,
        ReadOnlySpan<int> images = default)
    {
        var past = cache?.Length ?? 0;
        var longest = past + length - (leftPadding.IsEmpty ? 0 : leftPadding.ToArray().Min());
        if (longest > config.MaxSequenceLength)
            throw new MotException($"sequence of {longest} tokens exceeds max_sequence_length {config.MaxSequenceLength}; truncate it or raise the limit in the recipe");
        ThrowIfContradictory(segments, images, rowCount * length, cache, leftPadding, allowed);
        (_config, RowCount, Length, _cache) = (config, rowCount, length, cache);
        var (padding, documents) = (leftPadding.ToArray(), segments.ToArray());
        _segments = padding.Length > 0 && cache is null ? WithPadding(padding, length) : documents;
        var ofImages = images.ToArray();
        _ofSpans = cache is not null || allowed is not null || ofImages.Length > 0 ? null : spans => new ComposedAttention(config, spans, device, dtype, rotary);
        _composed = new(() => new ComposedAttention(config, rowCount, length, device, dtype, cache, padding, allowed, rotary, documents, ofImages), isThreadSafe: false);
        if (allowed is not null || past > 0 || length == 1)
            return;
        var spanned = padding.Length > 0 ? WithPadding(padding, length) : documents;
        _spans = AttentionSpans.Create(spanned, rowCount * length, length, Batch.PaddingSegment, ofImages.Length > 0 ? AttentionSpans.LimitsOf(ofImages, spanned, length) : null);
        _rotation = rotary && _spans is not null ? RotationTable.Of(_spans.Longest, config.HeadDim, config.RopeTheta) : null;
    }

    private AttentionContext(AttentionContext whole, AttentionSpans spans)
    {
        var composed = whole._ofSpans!;
        (_config, RowCount, Length, _composed) = (whole._config, whole.RowCount, whole.Length, new(() => composed(spans), isThreadSafe: false));
        if (whole._spans is not null)
            (_spans, _rotation) = (spans, whole._rotation);
    }

    /// <summary>Rows, B.</summary>
    public int RowCount { get; }

    /// <summary>New tokens per row, T.</summary>
    public int Length { get; }

    /// <summary>Whether tokens come in over time, so that experts cannot choose among all of them.</summary>
    internal bool HasCache => _cache is not null;

    /// <summary>Global self-attention over every modality (Algorithm 1, lines 8 and 9), in sequence order and with rotary positions.</summary>
    /// <param name="layer">Layer index, for the cache.</param>
    /// <param name="qm_ND">Queries grouped by tower, [N, H·K].</param>
    /// <param name="km_ND">Keys, [N, G·K].</param>
    /// <param name="vm_ND">Values, [N, G·K].</param>
    /// <param name="routing">The order; the same in every call.</param>
    /// <returns>[N, H·K] grouped by tower, owned by the caller's scope.</returns>
    public Tensor Attend(int layer, Tensor qm_ND, Tensor km_ND, Tensor vm_ND, ModalityRouting routing) => _composed.Value.Attend(layer, qm_ND, km_ND, vm_ND, routing);

    /// <summary>Ends the pass: the cache counts the new tokens as stored. Called by the model after its last layer.</summary>
    public void Complete() => _cache?.Advance(Length);

    /// <summary>Which rows in grouped order are padding behind the documents of a batch; empty where none is.</summary>
    /// <param name="routing">The order; the same in every call.</param>
    internal ReadOnlySpan<bool> Padding(ModalityRouting routing)
    {
        if (_paddingm is null && !_segments.Contains(Batch.PaddingSegment))
            _paddingm = [];
        if (_paddingm is not null)
            return _paddingm;
        _paddingm = new bool[_segments.Length];
        for (var i = 0; i < _segments.Length; i++)
            _paddingm[routing.Rows?[i] ?? i] = _segments[i] == Batch.PaddingSegment;
        return _paddingm;
    }

    /// <summary>Places in the batch of the tokens that are not padding, rising.</summary>
    internal int[] RealTokens() => [.. Enumerable.Range(0, RowCount * Length).Where(token => _segments.Length == 0 || _segments[token] != Batch.PaddingSegment)];

    /// <summary>Keeps some of the new tokens out of a layer over a cache: nobody attends to them there, now or later.</summary>
    /// <param name="layer">Layer index.</param>
    /// <param name="skips_N">Whether the token skips the layer, in sequence order, boolean.</param>
    internal void Skip(int layer, Tensor skips_N) => _cache!.Skip(layer, skips_N.reshape(RowCount, Length));

    /// <summary>Attention among some tokens alone, at their positions and within their documents; dispose it after the pass.</summary>
    /// <param name="tokens">Places in the batch, rising; at least one, and none of padding.</param>
    /// <exception cref="MotException">There is a mask.</exception>
    internal AttentionContext Subset(int[] tokens)
    {
        if (_ofSpans is null)
            throw new MotException("mixture_of_depths works with causal attention alone, not with a mask: which tokens a mask leaves to those that pass is not known; leave mixture_of_depths or the mask out");
        _documentStarts ??= DocumentStarts();
        return new(this, AttentionSpans.OfTokens(tokens, _documentStarts));
    }

    private int[] DocumentStarts()
    {
        var starts = new int[RowCount * Length];
        for (var token = 0; token < starts.Length; token++)
            starts[token] = token % Length > 0 && (_segments.Length == 0 || _segments[token] == _segments[token - 1]) ? starts[token - 1] : token;
        return starts;
    }

    /// <summary>Keeps this alive until it is disposed once more: for a backward pass that runs the layers again.</summary>
    internal void Retain() => _holders++;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (--_holders == 0 && _composed.IsValueCreated)
            _composed.Value.Dispose();
    }

    /// <summary>Lines 8-9 in one kernel: QK-norm, sequence order, positions, attention, grouped order again; and into the cache, if there is one.</summary>
    /// <param name="layer">Layer index, for the cache.</param>
    /// <param name="qkvm_NE">Projected queries, keys and values grouped by tower, [N, E].</param>
    /// <param name="norm">QK-norm; null for none.</param>
    /// <param name="routing">The order.</param>
    /// <param name="lastOnly">Whether only the last token of each row is asked for: the other rows of the result then mean nothing.</param>
    /// <returns>[N, H·K] grouped by tower, owned by the caller's scope; null where the kernel cannot run.</returns>
    internal Tensor? TryAttendFused(int layer, Tensor qkvm_NE, QueryKeyNorm? norm, ModalityRouting routing, bool lastOnly = false)
    {
        if (_spans is null || norm is { IsRms: false } || !FusedAttention.Supports(qkvm_NE, _config.HeadDim) || !CanKeep(layer, qkvm_NE.dtype))
            return null;
        _cache?.ThrowIfFull(Length);
        var settings = new FusedAttention.Settings(_spans, _config.HeadCount, _config.EffectiveKeyValueHeadCount, _config.HeadDim, _config.NormEpsilon, _rotation, routing.Rows, norm?.Offsets(routing) ?? [0])
        {
            Kept = _cache?.Buffers(layer), // empty so far: there are no spans over a past
            LastOnly = lastOnly,
        };
        return FusedAttention.Apply(settings, qkvm_NE, norm?.QueryWeights ?? [], norm?.KeyWeights ?? []);
    }

    /// <summary>Whether the kernel can write to the cache, if there is one.</summary>
    private bool CanKeep(int layer, ScalarType dtype) =>
        _cache is null || (_config.MixtureOfDepths?.Has(layer) != true && _cache.Buffers(layer).Keys is var keys && keys.dtype == dtype && TensorMemory.IsReachable(keys));

    /// <summary>The segments of rows of one document each, behind padding.</summary>
    private static int[] WithPadding(int[] leftPadding, int length) =>
        [.. leftPadding.SelectMany(padding => Enumerable.Repeat(Batch.PaddingSegment, padding).Concat(Enumerable.Repeat(0, length - padding)))];

    private static void ThrowIfContradictory(ReadOnlySpan<int> segments, ReadOnlySpan<int> images, int tokens, KvCache? cache, ReadOnlySpan<int> leftPadding, Tensor? allowed)
    {
        if (!segments.IsEmpty && segments.Length != tokens)
            throw new ArgumentException($"segments has {segments.Length} entries for {tokens} tokens", nameof(segments));
        if (!images.IsEmpty && (images.Length != tokens || allowed is not null))
            throw new ArgumentException($"images has {images.Length} entries for {tokens} tokens{(allowed is null ? "" : " and a mask beside it")}", nameof(images));
        if (!segments.IsEmpty && (cache is not null || !leftPadding.IsEmpty || allowed is not null))
            throw new ArgumentException("segments go with whole sequences alone: not with a cache, left padding or a mask", nameof(segments));
    }
}
