// Legend: R streams, D model width, F inner width, V vocabulary. Rows are grouped by tower up to the final norm, then in stream order.
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Generation;

/// <summary>Decodes one token for each of R streams without torch: a matrix is read once for all streams of its tower, and not at all without any.</summary>
/// <remarks>Activations stay in fp32; keys and values are rounded to the cache's dtype. A stream's logits do not depend on the other streams. Not thread-safe.</remarks>
internal sealed unsafe class DecodeStep : IDisposable
{
    private const int LeastWeights = 1 << 15; // of a piece of work: below, sharing it among cores costs more than it gains
    private readonly MotConfig _config;
    private readonly KvCache _cache;
    private readonly DecodeWeights _weights;
    private readonly DecodeAttention _attention;
    private readonly DecodeRows _rows;
    private readonly int[] _padding;
    private readonly Scratch _x_RD, _input_RD, _qkv_RE, _attended_RD, _branch_RD, _gate_RF, _up_RF, _logits_RV;

    /// <summary>Prepares to decode over <paramref name="cache"/>.</summary>
    /// <param name="model">The model, which <see cref="DecodeWeights.Supports"/>; outlives this object.</param>
    /// <param name="cache">One row per stream; outlives this object.</param>
    /// <param name="weights">How the matrices are read.</param>
    public DecodeStep(MotModel model, KvCache cache, DecodeWeightFormat weights)
    {
        (_config, _cache, _weights) = (model.Config, cache, new(model, weights));
        _attention = DecodeAttention.Over(cache, _config);
        _rows = new(cache.RowCount, [.. _config.EffectiveTowers], _config.TowerCount);
        _padding = new int[cache.RowCount];
        Scratch Rows(int width) => new((long)cache.RowCount * width);
        (_x_RD, _input_RD, _attended_RD, _branch_RD) = (Rows(_config.Dim), Rows(_config.Dim), Rows(_config.Dim), Rows(_config.Dim));
        (_qkv_RE, _logits_RV) = (Rows(QkvDim), Rows(_config.VocabularySize));
        (_gate_RF, _up_RF) = (Rows(_config.EffectiveFeedForwardDim), Rows(_config.EffectiveFeedForwardDim));
    }

    private int QkvDim => _config.Dim + (2 * _config.EffectiveKeyValueHeadCount * _config.HeadDim);

    /// <summary>Feeds one token to every stream and computes the logits of the ids <paramref name="first"/> … <paramref name="end"/> - 1 after it.</summary>
    /// <param name="tokens">By stream, [R].</param>
    /// <param name="modalities">Their modality indices, [R].</param>
    /// <param name="padding">Tokens at the start of each stream that are not attended to and take no position, [R].</param>
    /// <param name="first">The first id whose logit is wanted.</param>
    /// <param name="end">The id after the last.</param>
    public void Run(ReadOnlySpan<long> tokens, ReadOnlySpan<byte> modalities, ReadOnlySpan<int> padding, int first, int end)
    {
        _cache.ThrowIfFull(1);
        _rows.Group(modalities);
        padding.CopyTo(_padding);
        for (var row = 0; row < _rows.Count; row++)
            new ReadOnlySpan<float>(_weights.Embeddings_VD + (tokens[_rows.StreamOf(row)] * _config.Dim), _config.Dim).CopyTo(new(Row(_x_RD, row), _config.Dim));
        for (var layer = 0; layer < _config.LayerCount; layer++)
        {
            var weights = _weights.Layers[layer];
            Multiply(weights.QueryKeyValue, Input(weights.AttentionNorm), _config.Dim, _qkv_RE, QkvDim);
            Attend(weights, layer);
            Multiply(weights.Output, _attended_RD, _config.Dim, _branch_RD, _config.Dim);
            AddBranch(weights.AttentionNorm);
            Gate(weights.GateUp, Input(weights.FeedForwardNorm));
            Multiply(weights.Down, _gate_RF, _config.EffectiveFeedForwardDim, _branch_RD, _config.Dim);
            AddBranch(weights.FeedForwardNorm);
        }
        for (var row = 0; row < _rows.Count; row++)
            Norm(_weights.FinalNorm, row).Apply(Row(_x_RD, row), Row(_input_RD, _rows.StreamOf(row)));
        ForColumns(end - first, 1, _config.Dim, (from, to) =>
            _weights.Head.Multiply(_input_RD.Numbers, _rows.Count, first + from, first + to, _logits_RV.Numbers, _config.VocabularySize));
        _cache.Advance(1);
    }

    /// <summary>The logits of a stream, [V], of which the last <see cref="Run"/> computed those asked for; overwritten by the next.</summary>
    public ReadOnlySpan<float> Logits(int stream) => new(_logits_RV.Numbers + ((long)stream * _config.VocabularySize), _config.VocabularySize);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var scratch in (Scratch[])[_x_RD, _input_RD, _qkv_RE, _attended_RD, _branch_RD, _gate_RF, _up_RF, _logits_RV])
            scratch.Dispose();
        _attention.Dispose();
        _weights.Dispose();
    }

    /// <summary>What a branch multiplies: the residual stream, or its norm.</summary>
    private Scratch Input(DecodeNorm[] norms)
    {
        if (_config.NormPlacement == NormPlacement.Output)
            return _x_RD;
        for (var row = 0; row < _rows.Count; row++)
            Norm(norms, row).Apply(Row(_x_RD, row), Row(_input_RD, row));
        return _input_RD;
    }

    /// <summary>Adds what a branch gave, or its norm, to the residual stream.</summary>
    private void AddBranch(DecodeNorm[] norms)
    {
        for (var row = 0; row < _rows.Count; row++)
            if (_config.NormPlacement == NormPlacement.Output)
                Norm(norms, row).Add(Row(_branch_RD, row), Row(_x_RD, row));
            else
                RowNorm.Add(Row(_branch_RD, row), _config.Dim, Row(_x_RD, row));
    }

    private void Multiply(DecodeMatrix[] copies, Scratch x_RD, int dim, Scratch y_RE, int width) => ForColumns(width, VectorMath.Lanes, dim, (from, to) =>
    {
        for (var copy = 0; copy < copies.Length; copy++)
            if (_rows.Of(copy, copies.Length) is { Count: > 0 } rows)
                copies[copy].Multiply(x_RD.Numbers + (rows.First * (long)dim), rows.Count, from, to, y_RE.Numbers + (rows.First * (long)width), width);
    });

    /// <summary>silu(W1 x) · W3 x.</summary>
    private void Gate(DecodeMatrix[] copies, Scratch x_RD)
    {
        var inner = _config.EffectiveFeedForwardDim;
        ForColumns(inner, VectorMath.Lanes, 2 * _config.Dim, (from, to) =>
        {
            for (var copy = 0; copy < copies.Length; copy++)
            {
                var (first, count) = _rows.Of(copy, copies.Length);
                if (count == 0)
                    continue;
                float* x = Row(x_RD, first), gate = _gate_RF.Numbers + ((long)first * inner), up = _up_RF.Numbers + ((long)first * inner);
                copies[copy].Multiply(x, count, from, to, gate, inner);
                copies[copy].Multiply(x, count, inner + from, inner + to, up - inner, inner);
                for (var row = 0; row < count; row++)
                    RowGate.SiluTimes(gate + ((long)row * inner) + from, up + ((long)row * inner) + from, to - from);
            }
        });
    }

    private void Attend(DecodeLayer weights, int layer)
    {
        var groups = _config.EffectiveKeyValueHeadCount;
        Cores.For(_rows.Count * groups, i =>
        {
            var (row, group) = (i / groups, i % groups);
            var stream = _rows.StreamOf(row);
            _attention.Attend(weights, layer, _rows.CopyOf(row, weights.QueryNorm.Length), stream, _padding[stream], group,
                _qkv_RE.Numbers + ((long)row * QkvDim), Row(_attended_RD, row));
        });
    }

    private static void ForColumns(int count, int unit, int weightsPerColumn, Action<int, int> body) =>
        Cores.ForBlocks(count / unit, LeastWeights / (unit * weightsPerColumn), (from, to) => body((int)from * unit, (int)to * unit));

    private DecodeNorm Norm(DecodeNorm[] norms, int row) => norms[_rows.CopyOf(row, norms.Length)];

    private float* Row(Scratch x_RD, int row) => x_RD.Numbers + ((long)row * _config.Dim);
}
