// Legend: S streams (a row's own, then the unconditional ones), T tokens, V vocabulary.
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>Rows decoded together over one cache. Every row is a stream; a guided row has a second, unconditional one.</summary>
/// <remarks>Streams are aligned at their ends by left padding. A stream starts again by moving its padding up to the present: its earlier keys are never
/// attended to and its next token has position 0. Ended rows do that at every step, and so do unconditional streams while their row is in text, each time
/// with BOS: when BOI comes they hold exactly BOS, BOI.</remarks>
internal sealed class DecodingBatch : IDisposable
{
    private readonly MotModel _model;
    private readonly Vocabulary _vocabulary;
    private readonly IReadOnlyList<DecodingRow> _rows;
    private readonly int[] _unconditional; // stream by row, or -1
    private readonly int[] _padding; // by stream
    private readonly TokenSampler _sampler = new();
    private readonly KvCache _cache;
    private long[] _inputs; // [S, T], fed by the next pass
    private byte[] _modalities;

    /// <summary>Lays the prompts out and allocates the cache at full capacity.</summary>
    public DecodingBatch(MotModel model, Vocabulary vocabulary, IReadOnlyList<DecodingRow> rows)
    {
        (_model, _vocabulary, _rows) = (model, vocabulary, rows);
        var streams = rows.Select(row => row.Prompt.ToArray()).ToList();
        _unconditional = [.. rows.Select(_ => -1)];
        for (var row = 0; row < rows.Count; row++)
            if (rows[row].Guided)
            {
                _unconditional[row] = streams.Count;
                streams.Add(UnconditionalStart(rows[row]));
            }
        var length = streams.Max(s => s.Length);
        _padding = [.. streams.Select(s => length - s.Length)];
        _inputs = [.. streams.SelectMany(s => Enumerable.Repeat(vocabulary.Padding, length - s.Length).Concat(s)).Select(id => (long)id)];
        _modalities = [.. _inputs.Select(id => vocabulary.ModalityIndexOf((int)id))];
        _cache = new KvCache(model.Config, streams.Count, length + rows.Max(r => r.Limit) - 1, model.Device, model.ComputeType);
    }

    /// <summary>Whether every row has ended.</summary>
    public bool Finished => _rows.All(r => r.End is not null);

    /// <summary>Feeds the pending tokens and draws one token for every running row.</summary>
    /// <param name="onToken">Called with row and token; outside any dispose scope of this class.</param>
    public void Step(Action<int, int>? onToken)
    {
        var (logits_SV, width) = Forward();
        var running = Enumerable.Range(0, _rows.Count).Where(row => _rows[row].End is null).ToList();
        (_inputs, _modalities) = (new long[_padding.Length], new byte[_padding.Length]);
        var drawn = running.ConvertAll(row => _rows[row].Next(Slice(row), _unconditional[row] < 0 ? default : Slice(_unconditional[row]), _sampler));
        for (var i = 0; i < running.Count; i++)
            Feed(running[i], drawn[i]);
        FeedIdleRows();
        for (var i = 0; i < running.Count; i++)
            onToken?.Invoke(running[i], drawn[i]);

        ReadOnlySpan<float> Slice(int stream) => logits_SV.AsSpan(stream * width, width);
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    /// <summary>BOS, and the image that the prompt has opened, if any.</summary>
    private int[] UnconditionalStart(DecodingRow row)
    {
        int[] start = [_vocabulary.BeginOfSequence];
        if (!row.InImage)
            return start;
        var begin = _vocabulary.Range(Data.ModalityId.Image).BeginId;
        return [.. start, .. row.Prompt[row.Prompt.LastIndexOf(begin)..]];
    }

    private void Feed(int row, int token)
    {
        Put(row, token);
        if (_unconditional[row] < 0)
            return;
        if (_rows[row].InImage)
            Put(_unconditional[row], token);
        else
            Restart(_unconditional[row], _vocabulary.BeginOfSequence);
    }

    /// <summary>Ended rows go to a tower that has work anyway, so that decoding one token touches one tower.</summary>
    private void FeedIdleRows()
    {
        var busy = Enumerable.Range(0, _rows.Count).FirstOrDefault(row => _rows[row].End is null);
        for (var row = 0; row < _rows.Count; row++)
            if (_rows[row].End is not null)
                foreach (var stream in (int[])[row, _unconditional[row]])
                    if (stream >= 0)
                    {
                        Restart(stream, _vocabulary.Padding);
                        _modalities[stream] = _modalities[busy];
                    }
    }

    private void Put(int stream, int token) => (_inputs[stream], _modalities[stream]) = (token, _vocabulary.ModalityIndexOf(token));

    private void Restart(int stream, int token)
    {
        Put(stream, token);
        _padding[stream] = _cache.Length;
    }

    private (float[] Logits_SV, int Width) Forward()
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var (streams, length) = (_padding.Length, _inputs.Length / _padding.Length);
        using var routing = _model.Route(_modalities);
        using var context = new AttentionContext(_model.Config, streams, length, _model.Device, _model.ComputeType, _cache, _padding);
        var hidden_ND = routing.Restore(_model.HiddenStates(tensor(_inputs, [streams, length], device: _model.Device), routing, context));
        var last_SD = hidden_ND.reshape(streams, length, -1).select(1, length - 1);
        var logits_SV = _model.Logits(last_SD).to(ScalarType.Float32).cpu();
        return (logits_SV.data<float>().ToArray(), (int)logits_SV.shape[1]);
    }
}
