using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Generation;

/// <summary>A trained model in terms of text, images and speech: draws images for captions, captions images, speaks, transcribes, continues documents.</summary>
/// <remarks>Prompt number i (from 0) uses the seed of the options plus i, so that any one of a list can be made again alone. Not thread-safe.</remarks>
public sealed class MultimodalGenerator
{
    private readonly InterleavedDecoder _decoder;
    private readonly TransfusionDecoder? _transfusion; // where images are denoised
    private readonly IDocumentTokenizer _tokenizer;
    private readonly DocumentDetokenizer _detokenizer;

    /// <summary>A generator over <paramref name="model"/>, which stays the caller's.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="tokenizer">Lays prompts out exactly as in training.</param>
    /// <param name="detokenizer">Reads what was generated.</param>
    /// <param name="weights">How the model's weights are read for every new token.</param>
    /// <param name="clip">Largest absolute number of an image that is denoised; null for no limit.</param>
    /// <exception cref="MotException">The vocabulary does not fit the model, or the model cannot decode in that format.</exception>
    public MultimodalGenerator(MotModel model, IDocumentTokenizer tokenizer, DocumentDetokenizer detokenizer, DecodeWeightFormat weights = DecodeWeightFormat.Compute, double? clip = null)
    {
        (_decoder, _tokenizer, _detokenizer) = (new(model, tokenizer.Vocabulary, weights), tokenizer, detokenizer);
        _transfusion = model.Config.Diffusion is null ? null : new(model, tokenizer.Vocabulary, _decoder, clip);
    }

    /// <summary>Most prompts decoded together; more are done in turns. Does not change what comes out.</summary><value>16.</value>
    public int BatchRows { get; init; } = 16;

    /// <summary>Draws one image for each prompt: BOS, prompt, BOI → codes.</summary>
    /// <param name="prompts">Captions; an empty one draws an image of nothing in particular.</param>
    /// <param name="sampling">How; <see cref="SamplingOptions.ImageGuidance"/> above 1 follows the prompt more closely.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <param name="onStep">Where images are denoised, shown what the model has in mind after each step: prompt, step and image. Null for nobody.</param>
    /// <param name="sizedAs">Where images have several sizes: one for each prompt whose size the drawing has. Null for that of the options.</param>
    /// <returns>An image per prompt, in order.</returns>
    /// <exception cref="MotException">A prompt is too long or an option out of its limits.</exception>
    public IReadOnlyList<PixelImage> GenerateImages(IReadOnlyList<string> prompts, SamplingOptions sampling, CancellationToken cancellationToken = default, Action<int, int, PixelImage>? onStep = null,
        IReadOnlyList<PixelImage>? sizedAs = null) => DrawAfter(Documents(prompts), sampling, cancellationToken, onStep, sizedAs);

    /// <summary>Draws one image after each document, for instance one of what is said in a recording: BOS, its parts, BOI → codes.</summary>
    /// <param name="documents">Text, speech or other images; no parts at all draw an image of nothing in particular.</param>
    /// <param name="sampling">How; <see cref="SamplingOptions.ImageGuidance"/> above 1 follows the document more closely.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <param name="onStep">Where images are denoised, shown what the model has in mind after each step: document, step and image. Null for nobody.</param>
    /// <param name="sizedAs">Where images have several sizes: one for each document whose size the drawing has. Null for that of the options.</param>
    /// <returns>An image per document, in order.</returns>
    /// <exception cref="MotException">The model lacks a modality, a document is too long or an option out of its limits.</exception>
    public IReadOnlyList<PixelImage> DrawAfter(IReadOnlyList<Document> documents, SamplingOptions sampling, CancellationToken cancellationToken = default, Action<int, int, PixelImage>? onStep = null,
        IReadOnlyList<PixelImage>? sizedAs = null)
    {
        var image = _tokenizer.Vocabulary.Range(ModalityId.Image);
        var requests = Requests(documents, sampling);
        if (sizedAs is not null && image.HasSizes)
            requests = [.. requests.Zip(sizedAs, (r, i) => r with { Sampling = r.Sampling with { Denoising = r.Sampling.Denoising with { SizeIndex = image.SizeOf(i.Width, i.Height) } } })];
        requests = requests.ConvertAll(r => r with { Prompt = r.Prompt.Add(image.BeginId), MaxTokens = image.TokensOf(r.Sampling.Denoising.SizeIndex).Length });
        var sequences = Decode(requests, null, cancellationToken, onStep is null ? null : (request, step, numbers) =>
            onStep(request, step, Images([new([image.BeginId, .. image.TokensOf(requests[request].Sampling.Denoising.SizeIndex)], EndReason.Limit) { Vectors = [.. numbers] }]).Single()));
        return Images([.. sequences.Select(s => s with { Tokens = s.Tokens.Insert(0, image.BeginId) })]);
    }

    /// <summary>Describes each image: BOS, image → text until EOS.</summary>
    /// <param name="images">Images of a size that the tokenizers take.</param>
    /// <param name="sampling">How.</param>
    /// <param name="maxTokens">Most tokens of a caption; null for as many as fit.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>A caption per image, in order.</returns>
    /// <exception cref="MotException">The model's sequences are too short, or an option is out of its limits.</exception>
    public IReadOnlyList<string> CaptionImages(IReadOnlyList<PixelImage> images, SamplingOptions sampling, int? maxTokens = null, CancellationToken cancellationToken = default) =>
        Describe([.. images.Select(i => new ImagePart(i))], sampling, maxTokens, cancellationToken);

    /// <summary>Speaks each prompt: BOS, prompt, begin-of-speech → codes until the model ends the speech, or for want of room.</summary>
    /// <param name="prompts">What to say; an empty one says nothing in particular.</param>
    /// <param name="sampling">How.</param>
    /// <param name="maxTokens">Most tokens of each, its end token included; null for as many as fit.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>A clip per prompt, in order.</returns>
    /// <exception cref="MotException">The model has no speech, a prompt is too long or an option out of its limits.</exception>
    public IReadOnlyList<AudioClip> GenerateSpeech(IReadOnlyList<string> prompts, SamplingOptions sampling, int? maxTokens = null, CancellationToken cancellationToken = default) =>
        SpeakAfter(Documents(prompts), sampling, maxTokens, cancellationToken);

    /// <summary>Speaks after each document, for instance about an image: BOS, its parts, begin-of-speech → codes until the model ends the speech, or for want of room.</summary>
    /// <param name="documents">Text, images or other speech; no parts at all say nothing in particular.</param>
    /// <param name="sampling">How.</param>
    /// <param name="maxTokens">Most tokens of each, its end token included; null for as many as fit.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>A clip per document, in order.</returns>
    /// <exception cref="MotException">The model has no speech or lacks another modality, a document is too long or an option out of its limits.</exception>
    public IReadOnlyList<AudioClip> SpeakAfter(IReadOnlyList<Document> documents, SamplingOptions sampling, int? maxTokens = null, CancellationToken cancellationToken = default)
    {
        var speech = _tokenizer.Vocabulary.Range(ModalityId.Speech);
        var requests = Requests(documents, sampling)
            .ConvertAll(r => r with { Prompt = r.Prompt.Add(speech.BeginId), MaxTokens = maxTokens, MaxImages = 0, StopAtEndOfBlock = true });
        var parts = _detokenizer.Detokenize([.. Decode(requests, null, cancellationToken).Select(s => s.Tokens.Insert(0, speech.BeginId))]);
        return [.. parts.Select(p => p.OfType<SpeechPart>().Single().Clip)];
    }

    /// <summary>Writes down each clip: BOS, speech → text until EOS.</summary>
    /// <param name="clips">Speech of any rate.</param>
    /// <param name="sampling">How.</param>
    /// <param name="maxTokens">Most tokens of a transcript; null for as many as fit.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>A transcript per clip, in order.</returns>
    /// <exception cref="MotException">The model has no speech, a clip is too long for its sequences, or an option is out of its limits.</exception>
    public IReadOnlyList<string> Transcribe(IReadOnlyList<AudioClip> clips, SamplingOptions sampling, int? maxTokens = null, CancellationToken cancellationToken = default) =>
        Describe([.. clips.Select(c => new SpeechPart(c))], sampling, maxTokens, cancellationToken);

    /// <summary>Continues each document with text, images and speech as the model likes.</summary>
    /// <param name="documents">Their beginnings; no parts at all start from nothing.</param>
    /// <param name="sampling">How.</param>
    /// <param name="maxTokens">Most tokens of each continuation; null for as many as fit.</param>
    /// <param name="maxImages">Most images in each; null for no limit.</param>
    /// <param name="maxSpeech">Most stretches of speech in each.</param>
    /// <param name="onToken">Called for every new id with the index of its document, as it is drawn.</param>
    /// <param name="cancellationToken">Stops between two tokens.</param>
    /// <returns>What follows each document, in order.</returns>
    /// <exception cref="MotException">A document is too long or an option out of its limits.</exception>
    public IReadOnlyList<GeneratedDocument> Continue(IReadOnlyList<Document> documents, SamplingOptions sampling, int? maxTokens = null, int? maxImages = null, int maxSpeech = 0,
        Action<int, int>? onToken = null, CancellationToken cancellationToken = default)
    {
        var requests = Requests(documents, sampling).ConvertAll(r => r with { MaxTokens = maxTokens, MaxImages = maxImages, MaxSpeech = maxSpeech });
        var sequences = Decode(requests, onToken, cancellationToken);
        return [.. _detokenizer.Detokenize([.. sequences.Select(s => s.Tokens)], [.. sequences.Select(s => s.Vectors)]).Zip(sequences, (parts, sequence) => new GeneratedDocument(parts, sequence))];
    }

    private static Document[] Documents(IReadOnlyList<string> prompts) => [.. prompts.Select(p => new Document("prompt", p.Length == 0 ? [] : [new TextPart(p)]))];

    private PixelImage[] Images(IReadOnlyList<DecodedSequence> sequences) =>
        [.. _detokenizer.Detokenize([.. sequences.Select(s => s.Tokens)], [.. sequences.Select(s => s.Vectors)]).Select(p => p.OfType<ImagePart>().Single().Image)];

    private string[] Describe(IReadOnlyList<DocumentPart> parts, SamplingOptions sampling, int? maxTokens, CancellationToken cancellationToken)
    {
        // Some images and recordings in training have no text: without the minimum a greedy caption is often empty.
        var requests = Requests([.. parts.Select(p => new Document("prompt", [p]))], sampling).ConvertAll(r => r with { MinTokens = 1, MaxTokens = maxTokens, MaxImages = 0, StopAtBeginOfBlock = true });
        var texts = _detokenizer.Detokenize([.. Decode(requests, null, cancellationToken).Select(s => s.Tokens)]);
        return [.. texts.Select(text => string.Concat(text.OfType<TextPart>().Select(p => p.Text)))];
    }

    /// <summary>Documents as in training, without the EOS that closes them.</summary>
    private List<DecodingRequest> Requests(IReadOnlyList<Document> documents, SamplingOptions sampling) =>
        [.. _tokenizer.Tokenize(documents).Select((tokens, i) => new DecodingRequest
        {
            Prompt = [.. tokens.Ids.AsSpan(0, tokens.Length - 1)],
            Vectors = [.. tokens.Vectors],
            Sampling = sampling with { Seed = unchecked(sampling.Seed + i) },
        })];

    private List<DecodedSequence> Decode(List<DecodingRequest> requests, Action<int, int>? onToken, CancellationToken cancellationToken, Action<int, int, float[]>? onStep = null)
    {
        var sequences = new List<DecodedSequence>(requests.Count);
        foreach (var chunk in requests.Chunk(BatchRows))
        {
            var first = sequences.Count;
            Action<int, int>? ofChunk = onToken is null ? null : (row, token) => onToken(first + row, token);
            sequences.AddRange(_transfusion?.Decode(chunk, ofChunk, onStep is null ? null : (row, step, numbers) => onStep(first + row, step, numbers), cancellationToken) ?? _decoder.Decode(chunk, ofChunk, cancellationToken));
        }
        return sequences;
    }
}
