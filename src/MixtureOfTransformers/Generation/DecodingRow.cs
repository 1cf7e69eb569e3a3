// Legend: V vocabulary.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>One sequence while it is decoded: chooses its next token from the logits, on the host.</summary>
internal sealed class DecodingRow
{
    private const int ShortestSpeech = 3; // its begin, one code, its end

    private readonly DecodingRequest _request;
    private readonly Vocabulary _vocabulary;
    private readonly AllowedTokens _allowed;
    private readonly InterleavedState _state;
    private readonly SeededRandom _random;
    private readonly List<int> _generated = [];
    private readonly int? _imageTokens; // BOI, codes, EOI; null without images
    private readonly TokenSampler _sampler = new();
    private float[] _logits_C = [];
    private int _imagesBegun;
    private int _speechBegun;

    /// <exception cref="MotException">The prompt is empty, malformed or too long, or its image does not fit.</exception>
    public DecodingRow(DecodingRequest request, Vocabulary vocabulary, AllowedTokens allowed, int maxSequenceLength)
    {
        (_request, _vocabulary, _allowed, _state) = (request, vocabulary, allowed, new(vocabulary));
        _random = new SeededRandom(request.Sampling.Validate().Seed);
        _imageTokens = vocabulary.Ranges.FirstOrDefault(r => r.Modality == ModalityId.Image) is { } images ? images.BlockLengthOf(images.IdOfSize(request.Sampling.Denoising.SizeIndex)) + 2 : null;
        if (request.Prompt.IsDefaultOrEmpty)
            throw new MotException($"a prompt needs at least one token; begin it with BOS, id {vocabulary.BeginOfSequence}");
        foreach (var token in request.Prompt)
            _state.Accept(token);
        if (_state.InImage && vocabulary.VectorRange is not null)
            throw new MotException("an image whose tokens are vectors is denoised, not decoded; end the prompt before it");
        (_imagesBegun, _speechBegun) = (_state.InImage ? 1 : 0, _state.InSpeech ? 1 : 0);
        Limit = LimitOf(request, maxSequenceLength);
        if (_state.TokensToClose > Limit)
            throw new MotException($"the {_state.Inside} that the prompt opens needs {_state.TokensToClose} more tokens, but only {Limit} may follow; raise max_tokens or shorten the prompt of {request.Prompt.Length} tokens");
    }

    /// <summary>Most tokens to generate.</summary>
    public int Limit { get; }

    /// <summary>Why the row ended, or null while it runs.</summary>
    public EndReason? End { get; private set; }

    /// <summary>Whether images are guided by an unconditional stream.</summary>
    public bool Guided => _vocabulary.VectorRange is null && _request.Sampling.ImageGuidance != 1 && (_state.InImage || MayBeginImage);

    /// <summary>Whether the next token belongs to an image.</summary>
    public bool InImage => _state.InImage;

    /// <summary>The prompt.</summary>
    public ReadOnlySpan<int> Prompt => _request.Prompt.AsSpan();

    /// <summary>The prompt with the numbers of its images.</summary>
    public PromptStream Stream => new(_request.Prompt, _request.Vectors);

    /// <summary>What was generated.</summary>
    public DecodedSequence Result => new([.. _generated], End ?? EndReason.Limit);

    private bool MayBeginImage => _imagesBegun < (_request.MaxImages ?? int.MaxValue) && Limit - _generated.Count >= _imageTokens;

    private bool MayBeginSpeech => _speechBegun < _request.MaxSpeech && Limit - _generated.Count >= ShortestSpeech;

    private bool MayEnd => _generated.Count >= _request.MinTokens;

    /// <summary>Where only one token may follow: after an image's last code, and where speech must end for want of room.</summary>
    private int? Forced => _state.Forced ?? (_state.InSpeech && Limit - _generated.Count == 1 ? _vocabulary.Range(ModalityId.Speech).EndId : null);

    /// <summary>Chooses the next token and moves past it.</summary>
    /// <param name="logits_V">Logits after the sequence so far.</param>
    /// <param name="unconditional_V">Logits of the unconditional stream; empty when there is none.</param>
    public int Next(ReadOnlySpan<float> logits_V, ReadOnlySpan<float> unconditional_V)
    {
        var token = Forced ?? Draw(logits_V, unconditional_V);
        var before = _state.Inside;
        if (_request.StopAtBeginOfBlock && before is null && _vocabulary.Ranges.Any(r => r.BeginId == token))
        {
            End = EndReason.BeginOfBlock;
            return token;
        }
        _state.Accept(token);
        _imagesBegun += before is null && _state.InImage ? 1 : 0;
        _speechBegun += before is null && _state.InSpeech ? 1 : 0;
        _generated.Add(token);
        if (token == _vocabulary.EndOfSequence)
            End = EndReason.EndOfSequence;
        else if (_request.StopAtEndOfBlock && before is not null && _state.Inside is null)
            End = EndReason.EndOfBlock;
        else if (_state.InImage && _vocabulary.VectorRange is not null)
            End = EndReason.BeginOfImage;
        else if (_generated.Count == Limit)
            End = EndReason.Limit;
        return token;
    }

    private int Draw(ReadOnlySpan<float> logits_V, ReadOnlySpan<float> unconditional_V)
    {
        var allowed = _state.InImage ? _allowed.InImage : _state.InSpeech ? _allowed.InSpeech(_state.MayClose)
            : _request.StopAtBeginOfBlock ? _allowed.InText(MayEnd, MayEnd, MayEnd && _request.StopAtEndOfSequence)
            : _allowed.InText(MayBeginImage, MayBeginSpeech, MayEnd && _request.StopAtEndOfSequence);
        var rule = _state.InImage ? _request.Sampling.Image : _state.InSpeech ? _request.Sampling.Speech : _request.Sampling.Text;
        var scale = (float)_request.Sampling.ImageGuidance;
        var guided = _state.InImage && !unconditional_V.IsEmpty;
        if (_logits_C.Length < allowed.Length)
            _logits_C = new float[allowed.Length];
        var logits_C = _logits_C.AsSpan(0, allowed.Length);
        for (var i = 0; i < logits_C.Length; i++)
        {
            var (c, u) = (logits_V[allowed[i]], guided ? unconditional_V[allowed[i]] : 0);
            logits_C[i] = guided ? u + (scale * (c - u)) : c;
        }
        return allowed[_sampler.Sample(logits_C, rule, _random)];
    }

    private static int LimitOf(DecodingRequest request, int maxSequenceLength)
    {
        var (length, room) = (request.Prompt.Length, maxSequenceLength - request.Prompt.Length);
        if (room < 1)
            throw new MotException($"prompt of {length} tokens leaves no room in max_sequence_length {maxSequenceLength}; shorten it to {maxSequenceLength - 1} tokens or fewer");
        var limit = request.MaxTokens ?? room;
        if (limit < 1)
            throw new MotException($"max_tokens {limit} must be positive; leave it out for as many as fit");
        return limit <= room ? limit
            : throw new MotException($"prompt of {length} tokens and max_tokens {limit} exceed max_sequence_length {maxSequenceLength}; shorten the prompt or ask for {room} tokens or fewer");
    }
}
