using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Text token by token, images by denoising, in turns (SPEC §5): where an image begins it is drawn as a whole, then stands in the prompt, without noise, for the text that follows.</summary>
/// <param name="model">A model with diffusion.</param>
/// <param name="vocabulary">Of its tokenizers.</param>
/// <param name="text">Decodes the text.</param>
/// <param name="clip">Largest absolute number of an image; null for no limit.</param>
internal sealed class TransfusionDecoder(MotModel model, Vocabulary vocabulary, InterleavedDecoder text, double? clip)
{
    private readonly VocabularyRange _range = vocabulary.VectorRange!;
    private readonly ImageDenoiser _denoiser = new(model, vocabulary, clip);

    /// <summary>Generates after every prompt until each ends; see <see cref="InterleavedDecoder.Decode"/>.</summary>
    /// <param name="requests">The prompts.</param>
    /// <param name="onToken">Called for every new token; those of an image come together.</param>
    /// <param name="onStep">Shown the images in the making: request, step, numbers; null for nobody.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public DecodedSequence[] Decode(IReadOnlyList<DecodingRequest> requests, Action<int, int>? onToken = null, Action<int, int, float[]>? onStep = null, CancellationToken cancellation = default)
    {
        Sequence[] sequences = [.. requests.Select((request, index) => new Sequence(request, index, model.Config.MaxSequenceLength, _range))];
        while (sequences.Where(s => s.End is null).ToArray() is { Length: > 0 } running)
        {
            foreach (var drawn in running.Where(s => s.InImage).GroupBy(s => s.Request.Sampling with { Seed = 0 }))
                Draw([.. drawn], drawn.Key, onToken, onStep, cancellation);
            var written = running.Where(s => s.End is null && !s.InImage).ToArray();
            var decoded = text.Decode([.. written.Select(s => s.TextRequest)], onToken is null ? null : (row, token) => onToken(written[row].Index, token), cancellation);
            foreach (var (sequence, part) in written.Zip(decoded))
                sequence.AddText(part);
        }
        return [.. sequences.Select(s => s.Result)];
    }

    private void Draw(Sequence[] sequences, SamplingOptions sampling, Action<int, int>? onToken, Action<int, int, float[]>? onStep, CancellationToken cancellation)
    {
        var images = _denoiser.Draw([.. sequences.Select(s => s.Prompt)], [.. sequences.Select(s => s.Seed)], sampling, onStep is null ? null : (step, seen) =>
        {
            for (var i = 0; i < seen.Length; i++)
                onStep(sequences[i].Index, step, seen[i]);
        }, cancellation);
        foreach (var (sequence, image) in sequences.Zip(images))
            foreach (var token in sequence.AddImage(image))
                onToken?.Invoke(sequence.Index, token);
    }

    /// <summary>A prompt and what has come after it.</summary>
    private sealed class Sequence
    {
        private readonly VocabularyRange _range;
        private readonly List<int> _tokens = [];
        private readonly List<float> _vectors = [];
        private readonly int _limit;
        private readonly int[] _image; // the tokens of one, with its end
        private int _images;

        public Sequence(DecodingRequest request, int index, int maxSequenceLength, VocabularyRange range)
        {
            (Request, Index, _range) = (request, index, range);
            if (request.Prompt.IsDefaultOrEmpty)
                throw new MotException("a prompt needs at least one token; begin it with BOS");
            _limit = Math.Min(request.MaxTokens ?? int.MaxValue, maxSequenceLength - request.Prompt.Length);
            _image = range.TokensOf(request.Sampling.Denoising.SizeIndex);
            if (InImage && _limit < _image.Length)
                throw new MotException($"the image that the prompt opens needs {_image.Length} more tokens, but only {Math.Max(0, _limit)} may follow; raise max_tokens or shorten the prompt of {request.Prompt.Length} tokens");
            _images = InImage ? 1 : 0;
        }

        public DecodingRequest Request { get; }

        public int Index { get; }

        public EndReason? End { get; private set; }

        /// <summary>Whether an image is to be drawn next.</summary>
        public bool InImage => (_tokens.Count > 0 ? _tokens[^1] : Request.Prompt[^1]) == _range.BeginId;

        public PromptStream Prompt => new([.. Request.Prompt, .. _tokens], [.. Request.Vectors, .. _vectors]);

        /// <summary>Another one for every image and every stretch of text.</summary>
        public long Seed => _tokens.Count == 0 ? Request.Sampling.Seed : (long)new SeededRandom(Request.Sampling.Seed, _tokens.Count).NextBits();

        public DecodingRequest TextRequest => Request with
        {
            Prompt = Prompt.Ids,
            Vectors = Prompt.Vectors,
            Sampling = Request.Sampling with { Seed = Seed },
            MinTokens = Math.Max(0, Request.MinTokens - _tokens.Count),
            MaxTokens = _limit - _tokens.Count,
            MaxImages = Request.MaxImages - _images,
        };

        public DecodedSequence Result => new([.. _tokens], End!.Value) { Vectors = [.. _vectors] };

        public void AddText(DecodedSequence part)
        {
            _tokens.AddRange(part.Tokens);
            if (part.End != EndReason.BeginOfImage)
                End = part.End;
            else
                _images++;
        }

        /// <returns>The new tokens.</returns>
        public int[] AddImage(float[] image)
        {
            _tokens.AddRange(_image);
            _vectors.AddRange(image);
            if (Request.StopAtEndOfBlock)
                End = EndReason.EndOfBlock;
            else if (_tokens.Count >= _limit)
                End = EndReason.Limit;
            return _image;
        }
    }
}
