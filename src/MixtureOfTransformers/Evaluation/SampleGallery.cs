using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation.Speech;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What a report shows of tokenizers and models: the same held-out captions drawn and spoken, the same held-out images described and recordings written down, by every
/// architecture; and how well it was done where that can be counted.</summary>
internal sealed class SampleGallery : IDisposable
{
    private const int CaptionTokens = 48;
    private const int ReconstructedImages = 128;
    private const int ShownSteps = 8; // of an image that is denoised
    private static readonly SamplingOptions Describing = new() { Text = SamplingRule.Greedy };

    private readonly long _seed;
    private readonly ImmutableArray<(string Caption, PixelImage Image)> _pictures = [];
    private readonly ImmutableArray<SpokenExample> _recordings = [];
    private readonly ImmutableArray<SpokenExample> _spokenPictures = [];
    private readonly SpeechEvaluation? _speech;
    private readonly List<ImmutableArray<GeneratedSample>> _generated = []; // one list per architecture, each in the order of Truths
    private readonly List<ModelSpeechQuality> _spoken = [];

    /// <summary>How images are drawn.</summary>
    public static SamplingOptions Drawing { get; } = new() { Image = new() { Temperature = 0.7, TopP = 0.95 }, ImageGuidance = 2 };

    /// <summary>Reads held-out documents and measures the tokenizers.</summary>
    /// <param name="data">The documents.</param>
    /// <param name="tokenizers">The tokenizers; stay the caller's.</param>
    /// <param name="count">Images and recordings to show of every architecture; fewer where there are fewer.</param>
    /// <param name="seed">Of what is drawn at random.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between documents.</param>
    public SampleGallery(DataRecipe data, TokenizerSet tokenizers, int count, long seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        _seed = seed;
        if (tokenizers.ImageShapes.Count > 0 && HeldOutPairs.Read(data, Math.Max(ReconstructedImages, count), cancellation) is { IsEmpty: false } pairs)
        {
            _pictures = [.. pairs.Take(count)];
            PixelImage[] measured = [.. pairs.Take(ReconstructedImages).Select(p => p.Image)];
            ImageTokenizer = tokenizers.Image is { } image ? ImageTokenizerQuality.Of(image, measured) : tokenizers.Patches is LatentPatcher latents ? ImageTokenizerQuality.Of(latents, measured) : null;
        }
        if (tokenizers.Speech is not { } speech)
            return;
        _speech = SpeechEvaluation.Create(data, speech, seed, progress, cancellation);
        _recordings = Varied(_speech.Examples.HeldOut, count);
        _spokenPictures = Varied(_speech.OfImages, count);
    }

    /// <summary>How good the image tokenizer or the VAE is; null without either.</summary>
    public ImageTokenizerQuality? ImageTokenizer { get; }

    /// <summary>How good the speech tokenizer and the models so far are; null without speech.</summary>
    public SpeechQuality? Speech => _speech is null ? null : _speech.Tokenizer with { Models = [.. _spoken] };

    /// <summary>Every caption, image and recording with what each architecture so far made of it.</summary>
    public ImmutableArray<ReportSample> Samples => _generated.Count == 0 ? [] : [.. Truths().Select((truth, i) => truth with { Generated = [.. _generated.Select(g => g[i])] })];

    /// <summary>Lets an architecture draw, describe, speak and write down.</summary>
    /// <exception cref="Storage.MotException">It cannot; the gallery stays as it was.</exception>
    public void Add(string architecture, MultimodalGenerator generator, CancellationToken cancellation = default)
    {
        GeneratedSample Picture(PixelImage image, List<PixelImage> steps) => new() { Architecture = architecture, Image = ReportImage.Of(image), Steps = [.. steps.Select(ReportImage.Of)] };
        GeneratedSample Sound(AudioClip clip) => new() { Architecture = architecture, Sound = ReportSound.Of(clip) };
        GeneratedSample Text(string caption) => new() { Architecture = architecture, Caption = caption };
        var made = ImmutableArray.CreateBuilder<GeneratedSample>();
        if (!_pictures.IsEmpty)
        {
            made.AddRange(Draw(generator, cancellation).Select(drawn => Picture(drawn.Image, drawn.Steps)));
            made.AddRange(generator.CaptionImages([.. _pictures.Select(p => p.Image)], Describing, CaptionTokens, cancellation).Select(Text));
        }
        if (_speech is not null)
        {
            made.AddRange(_speech.Speak(generator, [.. _recordings.Select(r => r.Words)], cancellation).Select(Sound));
            made.AddRange(SpeechEvaluation.Hear(generator, [.. _recordings.Select(r => r.Clip)], cancellation).Select(Text));
            made.AddRange(SpokenImages.Draw(generator, _spokenPictures, Drawing with { Seed = _seed }, cancellation).Select(image => Picture(image, [])));
            made.AddRange(_speech.Say(generator, _spokenPictures, cancellation).Select(Sound));
            _spoken.Add(_speech.Measure(architecture, generator, cancellation));
        }
        _generated.Add(made.ToImmutable());
    }

    /// <inheritdoc/>
    public void Dispose() => _speech?.Dispose();

    /// <summary>An image for each caption and, where it is denoised, what it looked like on the way.</summary>
    private IEnumerable<(PixelImage Image, List<PixelImage> Steps)> Draw(MultimodalGenerator generator, CancellationToken cancellation)
    {
        var steps = _pictures.Select(_ => new List<PixelImage>()).ToArray();
        var count = Drawing.Denoising.Steps;
        var images = generator.GenerateImages([.. _pictures.Select(p => p.Caption)], Drawing with { Seed = _seed }, cancellation, (caption, step, image) =>
        {
            if ((step + 1) * ShownSteps / count > step * ShownSteps / count)
                steps[caption].Add(image);
        }, [.. _pictures.Select(p => p.Image)]);
        return images.Zip(steps);
    }

    private IEnumerable<ReportSample> Truths()
    {
        var images = _pictures.Select(p => (p.Caption, Image: ReportImage.Of(p.Image))).ToArray();
        var sounds = _recordings.Select(r => (r.Words, Sound: ReportSound.Of(r.Clip))).ToArray();
        var both = _spokenPictures.Select(p => (p.Words, Image: ReportImage.Of(p.Image!), Sound: ReportSound.Of(p.Clip))).ToArray();
        return
        [
            .. images.Select(p => new ReportSample { Direction = SampleDirection.CaptionToImage, Caption = p.Caption, Image = p.Image, Generated = [] }),
            .. images.Select(p => new ReportSample { Direction = SampleDirection.ImageToCaption, Caption = p.Caption, Image = p.Image, Generated = [] }),
            .. sounds.Select(r => new ReportSample { Direction = SampleDirection.TextToSpeech, Caption = r.Words, Sound = r.Sound, Generated = [] }),
            .. sounds.Select(r => new ReportSample { Direction = SampleDirection.SpeechToText, Caption = r.Words, Sound = r.Sound, Generated = [] }),
            .. both.Select(p => new ReportSample { Direction = SampleDirection.SpeechToImage, Caption = p.Words, Image = p.Image, Sound = p.Sound, Generated = [] }),
            .. both.Select(p => new ReportSample { Direction = SampleDirection.ImageToSpeech, Caption = p.Words, Image = p.Image, Sound = p.Sound, Generated = [] }),
        ];
    }

    /// <summary>Recordings of as many different words as there are, and only then others of the same.</summary>
    private static ImmutableArray<SpokenExample> Varied(ImmutableArray<SpokenExample> recordings, int count) => [.. recordings.DistinctBy(e => e.Words).Concat(recordings).Distinct().Take(count)];
}
