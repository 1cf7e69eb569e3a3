// Legend: S streams (a row's own, then the unconditional ones), T tokens, V vocabulary.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
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
    private readonly DecodingRow[] _rows;
    private readonly int[] _unconditional; // stream by row, or -1
    private readonly int[] _padding; // by stream
    private readonly KvCache _cache;
    private readonly Lazy<DecodeStep>? _step; // null where all steps go through torch
    private readonly List<int> _running = [];
    private readonly int[] _drawn; // by place in _running
    private float[]? _logits_SV; // of the last pass through torch; null where the last was fused
    private readonly long[] _inputs; // [S], fed by the next pass
    private readonly byte[] _modalities;
    private IReadOnlyList<PromptStream>? _prompts; // fed by the first pass

    /// <summary>Lays the prompts out and allocates the cache at full capacity.</summary>
    public DecodingBatch(MotModel model, Vocabulary vocabulary, IReadOnlyList<DecodingRow> rows, DecodeWeightFormat weights)
    {
        (_model, _vocabulary, _rows, _drawn) = (model, vocabulary, [.. rows], new int[rows.Count]);
        var streams = rows.Select(row => row.Stream).ToList();
        _unconditional = [.. rows.Select(_ => -1)];
        for (var row = 0; row < rows.Count; row++)
            if (rows[row].Guided)
            {
                _unconditional[row] = streams.Count;
                streams.Add(UnconditionalStart(rows[row]));
            }
        var length = streams.Max(s => s.Ids.Length);
        (_prompts, _padding) = (streams, PromptStream.PaddingOf(streams));
        (_inputs, _modalities) = (new long[streams.Count], new byte[streams.Count]);
        _cache = new KvCache(model.Config, streams.Count, length + rows.Max(r => r.Limit) - 1, model.Device, model.ComputeType);
        if (DecodeWeights.Supports(model) && TensorMemory.IsReachable(_cache.Buffers(0).Keys))
            _step = new(() => new(model, _cache, weights), isThreadSafe: false); // after the prompts: copies of weights take time
    }

    /// <summary>Whether every row has ended.</summary>
    public bool Finished => Array.TrueForAll(_rows, r => r.End is not null);

    /// <summary>Feeds the pending tokens and draws one token for every running row.</summary>
    /// <param name="onToken">Called with row and token; outside any dispose scope of this class.</param>
    public void Step(Action<int, int>? onToken)
    {
        Forward();
        _running.Clear();
        for (var row = 0; row < _rows.Length; row++)
            if (_rows[row].End is null)
                _running.Add(row);
        Cores.For(_running.Count, i => _drawn[i] = Draw(_running[i]));
        for (var i = 0; i < _running.Count; i++)
            Feed(_running[i], _drawn[i]);
        FeedIdleRows();
        for (var i = 0; i < _running.Count; i++)
            onToken?.Invoke(_running[i], _drawn[i]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_step is { IsValueCreated: true })
            _step.Value.Dispose();
        _cache.Dispose();
    }

    /// <summary>BOS, and the image that the prompt has opened, if any.</summary>
    private PromptStream UnconditionalStart(DecodingRow row)
    {
        var opened = row.InImage ? row.Prompt[row.Prompt.LastIndexOf(_vocabulary.Range(ModalityId.Image).BeginId)..] : [];
        return new([_vocabulary.BeginOfSequence, .. opened], []);
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
        var busy = _running.Find(row => _rows[row].End is null);
        for (var row = 0; row < _rows.Length; row++)
            if (_rows[row].End is not null)
            {
                Idle(row, busy);
                if (_unconditional[row] >= 0)
                    Idle(_unconditional[row], busy);
            }
    }

    private void Idle(int stream, int busy)
    {
        Restart(stream, _vocabulary.Padding);
        _modalities[stream] = _modalities[busy];
    }

    private void Put(int stream, int token) => (_inputs[stream], _modalities[stream]) = (token, _vocabulary.ModalityIndexOf(token));

    private void Restart(int stream, int token)
    {
        Put(stream, token);
        _padding[stream] = _cache.Length;
    }

    private int Draw(int row) => _rows[row].Next(Logits(row), _unconditional[row] < 0 ? default : Logits(_unconditional[row]));

    private ReadOnlySpan<float> Logits(int stream) =>
        _logits_SV is null ? _step!.Value.Logits(stream) : _logits_SV.AsSpan(stream * _model.Config.VocabularySize, _model.Config.VocabularySize);

    private void Forward()
    {
        if (_prompts is not null || _step is null)
        {
            _logits_SV = TorchForward();
            _prompts = null;
            return;
        }
        _logits_SV = null;
        var image = Array.TrueForAll(_rows, r => r.End is not null || r.InImage) ? _vocabulary.Range(ModalityId.Image) : null; // then no other id can be drawn
        _step.Value.Run(_inputs, _modalities, _padding, image?.Offset ?? 0, image is null ? _vocabulary.Size : image.Offset + image.Count);
    }

    /// <summary>Any number of tokens on any device; and the definition of what <see cref="DecodeStep"/> computes for one token on the CPU.</summary>
    private float[] TorchForward()
    {
        using var scope = NewDisposeScope();
        using var _ = inference_mode();
        var last_SD = _prompts is not null ? PromptPass.Run(_model, _vocabulary, _prompts, _cache) : OneToken();
        return _model.Logits(last_SD).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    private Tensor OneToken()
    {
        using var routing = _model.Route(_modalities);
        using var context = new AttentionContext(_model.Config, _padding.Length, 1, _model.Device, _model.ComputeType, _cache, _padding);
        return routing.Restore(_model.HiddenStates(tensor(_inputs, [_padding.Length, 1], device: _model.Device), routing, context));
    }
}
