// Legend: M frames.
using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers.Speech;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Measures how speech comes out of tokens, and how models hear and speak, on held-out recordings.</summary>
internal sealed class SpeechEvaluation : IDisposable
{
    private const int Spoken = 100;
    private const int TranscriptTokens = 48;
    private const int Shown = 4;
    private static readonly SamplingOptions Listening = new() { Text = SamplingRule.Greedy };
    private static readonly SamplingOptions Speaking = new() { Speech = new() { Temperature = 0.7, TopP = 0.95 } };

    private readonly long _seed;
    private readonly WordRecognizer? _recognizer;
    private readonly SpokenImages? _images;

    private SpeechEvaluation(SpokenExamples examples, WordRecognizer? recognizer, SpokenImages? images, SpeechQuality tokenizer, long seed) =>
        (Examples, _recognizer, _images, Tokenizer, _seed) = (examples, recognizer, images, tokenizer with { OriginalMatched = images?.OriginalMatched }, seed);

    /// <summary>What is measured with.</summary>
    public SpokenExamples Examples { get; }

    /// <summary>How good the tokenizer is, and no model yet.</summary>
    public SpeechQuality Tokenizer { get; }

    /// <summary>The held-out recordings of what is to be seen in an image; none where there are no such images.</summary>
    public ImmutableArray<SpokenExample> OfImages => _images?.Examples ?? [];

    /// <summary>Reads recordings, trains a recognizer where they say the same few words and what judges images where they have some, and measures the tokenizer.</summary>
    /// <param name="data">The recordings; not one of the training side is measured.</param>
    /// <param name="tokenizer">Stays the caller's.</param>
    /// <param name="seed">Of the recognizer, and of the speech of models.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two recordings or steps.</param>
    /// <exception cref="MotException">No recording is held out, or they cannot be read.</exception>
    public static SpeechEvaluation Create(DataRecipe data, ISpeechTokenizer tokenizer, long seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var examples = SpokenExamples.Read(data, seed, cancellation);
        if (examples.HeldOut.IsEmpty)
            throw new MotException($"no recording with a transcript is held out for validation; raise validation_fraction {data.ValidationFraction}");
        WordRecognizer? recognizer = null;
        SpokenImages? images = null;
        try
        {
            recognizer = examples.ClosedSet() is { } words ? WordRecognizer.Train(words, examples.Training, seed, progress: progress, cancellation: cancellation) : null;
            images = SpokenImages.Create(data, examples.HeldOut, seed, cancellation);
            return new(examples, recognizer, images, Measure(tokenizer, recognizer, examples.HeldOut, cancellation), seed);
        }
        catch
        {
            recognizer?.Dispose();
            images?.Dispose();
            throw;
        }
    }

    /// <summary>Lets a model write down every held-out recording, speak every word several times, and where there are images of what recordings say, draw what is said and say what is to be seen.</summary>
    public ModelSpeechQuality Measure(string architecture, MultimodalGenerator generator, CancellationToken cancellation = default)
    {
        var heldOut = Examples.HeldOut;
        var transcripts = Hear(generator, [.. heldOut.Select(e => e.Clip)], cancellation);
        var quality = new ModelSpeechQuality
        {
            Architecture = architecture,
            HeardClips = heldOut.Length,
            HeardRight = heldOut.Zip(transcripts).Count(p => p.First.Says(p.Second)) / (double)heldOut.Length,
            WordErrorRate = heldOut.Zip(transcripts).Sum(p => WordErrors.Count(p.First.Words, p.Second)) / (double)heldOut.Sum(e => WordErrors.Words(e.Words).Length),
        };
        if (_images is not null)
            quality = quality with { DrawnImages = _images.Examples.Length, DrawnMatched = _images.Matched(SpokenImages.Draw(generator, OfImages, new() { Seed = _seed }, cancellation)) };
        if (_recognizer is null)
            return quality;
        string[] prompts = [.. Enumerable.Range(0, Spoken).Select(i => _recognizer.Words[i % _recognizer.Words.Length])];
        var clips = Speak(generator, prompts, cancellation);
        var said = Say(generator, OfImages, cancellation);
        return quality with
        {
            SpokenClips = Spoken,
            SpokenRecognized = prompts.Zip(clips).Count(p => p.First == _recognizer.Recognize(p.Second)) / (double)Spoken,
            SeenImages = said.Count,
            SeenRecognized = said.Count == 0 ? null : OfImages.Zip(said).Count(p => p.First.Words == _recognizer.Recognize(p.Second)) / (double)said.Count,
        };
    }

    /// <summary>Speaks, as it is measured.</summary>
    public IReadOnlyList<AudioClip> Speak(MultimodalGenerator generator, IReadOnlyList<string> prompts, CancellationToken cancellation) =>
        generator.GenerateSpeech(prompts, Speaking with { Seed = _seed }, cancellationToken: cancellation);

    /// <summary>Says what is to be seen in the images of recordings, as it is measured.</summary>
    public IReadOnlyList<AudioClip> Say(MultimodalGenerator generator, IReadOnlyCollection<SpokenExample> ofImages, CancellationToken cancellation) => ofImages.Count == 0 ? []
        : generator.SpeakAfter([.. ofImages.Select(e => new Document("image", [new ImagePart(e.Image!)]))], Speaking with { Seed = _seed }, cancellationToken: cancellation);

    /// <summary>Writes down, as it is measured.</summary>
    public static IReadOnlyList<string> Hear(MultimodalGenerator generator, IReadOnlyList<AudioClip> clips, CancellationToken cancellation) =>
        generator.Transcribe(clips, Listening, TranscriptTokens, cancellation);

    public void Dispose()
    {
        _recognizer?.Dispose();
        _images?.Dispose();
    }

    private static SpeechQuality Measure(ISpeechTokenizer tokenizer, WordRecognizer? recognizer, ImmutableArray<SpokenExample> heldOut, CancellationToken cancellation)
    {
        var (codes, decoded, byGriffinLim) = (new List<int[]>(), new List<AudioClip>(), new List<AudioClip>());
        foreach (var example in heldOut)
        {
            cancellation.ThrowIfCancellationRequested();
            codes.Add(tokenizer.Encode(example.Clip));
            decoded.Add(tokenizer.Decode(codes[^1]));
            if ((tokenizer as SpeechTokenizer)?.DecodeByGriffinLim(codes[^1]) is { } other)
                byGriffinLim.Add(other);
        }
        double? Recognized(IEnumerable<AudioClip> clips) => recognizer is null ? null : heldOut.Zip(clips).Count(p => recognizer.Recognize(p.Second) == p.First.Words) / (double)heldOut.Length;
        return new()
        {
            HeldOutClips = heldOut.Length,
            TokensPerSecond = tokenizer.TokensPerSecond,
            CodebookSize = tokenizer.CodebookSize,
            CodesUsed = codes.SelectMany(c => c).Distinct().Count(),
            MelCepstralDistortionDb = Distortion(heldOut, decoded, tokenizer.SampleRate),
            GriffinLimDistortionDb = byGriffinLim.Count == 0 ? null : Distortion(heldOut, byGriffinLim, tokenizer.SampleRate),
            RecognizedWords = recognizer?.Words ?? [],
            OriginalRecognized = Recognized(heldOut.Select(e => e.Clip)),
            DecodedRecognized = Recognized(decoded),
            GriffinLimRecognized = byGriffinLim.Count == 0 ? null : Recognized(byGriffinLim),
            Reconstructions = [.. heldOut.Zip(decoded).DistinctBy(p => p.First.Words).Take(Shown).Select(p => new SpeechReconstruction(p.First.Words, ReportSound.Of(p.First.Clip), ReportSound.Of(p.Second)))],
        };
    }

    /// <summary>Mel-cepstral distortion between recordings and what was made of them, in dB.</summary>
    private static double Distortion(ImmutableArray<SpokenExample> originals, List<AudioClip> decoded, int sampleRate)
    {
        using var features = new SpeechFeatures(sampleRate);
        var (distortion, frames) = (0.0, 0L);
        foreach (var (original, clip) in originals.Zip(decoded))
        {
            using var scope = NewDisposeScope();
            var (original_MF, decoded_MF) = (features.Of(original.Clip), features.Of(clip));
            var common = Math.Min(original_MF.shape[0], decoded_MF.shape[0]);
            distortion += SpeechMeasurement.Distortion(original_MF.narrow(0, 0, common), decoded_MF.narrow(0, 0, common)).sum().item<float>();
            frames += common;
        }
        return distortion / Math.Max(1, frames);
    }
}
