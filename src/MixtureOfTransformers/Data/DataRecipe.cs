using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Which documents to train on and how to arrange them; the <c>data</c> part of a recipe.</summary>
public sealed record DataRecipe
{
    private const int DefaultImageSize = 32;

    /// <summary>The sources, at least one.</summary>
    public required ImmutableArray<SourceRecipe> Sources { get; init; }

    /// <summary>Width and height of every image, in pixels.</summary><value>Default: 32.</value>
    public int ImageSize { get; init; } = DefaultImageSize;

    /// <summary>Sizes of images, in place of <see cref="ImageSize"/>: <c>[32, "24x32", "32x24"]</c>. Each image gets the one of the nearest aspect ratio, and among those the one of the nearest area;
    /// built-in scenes get each as often. Several sizes are for images that are patches of pixels.
    /// Recipes that are written in full have the default of <see cref="ImageSize"/> beside it.</summary><value>Empty: all are square, of <see cref="ImageSize"/>.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<PixelSize> ImageSizes { get; init; }

    /// <summary>1 for grey images, 3 for RGB.</summary><value>Default: 3.</value>
    public int Channels { get; init; } = 3;

    /// <summary>Rate of all speech, in samples per second; recordings of other rates are resampled.</summary><value>Default: 16 000.</value>
    public int SampleRate { get; init; } = 16_000;

    /// <summary>Share of the documents held back for validation, 0 up to 1.</summary><value>Default: 0.05.</value>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Probability that an image comes before its caption; otherwise the caption comes first.</summary><value>Default: 0.5, as for Chameleon.</value>
    public double ImageFirst { get; init; } = 0.5;

    /// <summary>Probability that speech comes before its transcript; otherwise the transcript comes first.</summary><value>Default: 0.5.</value>
    public double SpeechFirst { get; init; } = 0.5;

    /// <summary>Probability that a training image or recording loses its caption, so that the model also learns images and speech without one (needed for guidance).</summary><value>Default: 0.1.</value>
    public double CaptionDropout { get; init; } = 0.1;

    /// <summary>Probability that a transcript of the training side loses its speech, so that the model also learns the words alone.</summary><value>Default: 0.</value>
    public double SpeechDropout { get; init; }

    /// <summary>Probability that a recording of the training side whose phrases have known times changes between text and speech from phrase to phrase, in place of transcript and recording.
    /// Where it is above 0, what <c>espeak-ng</c> says is spoken two words at a time, each by itself, so that the times are known.</summary><value>Default: 0.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Interleave { get; init; }

    /// <summary>Decides everything that is drawn at random for the documents: scenes, captions, order of image and caption. The train/validation split does not depend on it.</summary><value>Default: 0.</value>
    public long Seed { get; init; }

    /// <summary>How many unreadable documents are skipped before reading stops with an error.</summary><value>Default: 100.</value>
    public int MaxBadDocuments { get; init; } = ReadProblems.DefaultLimit;

    /// <summary>The sizes of images, at least one; the first is the one that models draw unless told otherwise.</summary>
    internal ImmutableArray<PixelSize> Sizes => ImageSizes.IsDefaultOrEmpty ? [new(ImageSize)] : ImageSizes;

    /// <summary>The modalities of the documents.</summary>
    internal IEnumerable<ModalityId> Modalities => Sources.SelectMany(s => s.Modalities).Distinct();

    /// <summary>This recipe, checked.</summary>
    /// <exception cref="ConfigException">A value is out of range; the message names it and the limit.</exception>
    public DataRecipe Validate()
    {
        if (Sources.IsDefaultOrEmpty)
            throw new ConfigException("the data recipe has no sources; name at least one, for instance {\"type\": \"scenes\"}");
        if (ImageSize is < 1 or > 4096)
            throw new ConfigException($"image_size {ImageSize} must be from 1 to 4096 pixels");
        if (ImageSize != DefaultImageSize && !ImageSizes.IsDefaultOrEmpty)
            throw new ConfigException($"image_size {ImageSize} and image_sizes [{string.Join(", ", ImageSizes)}] say the same; leave one of them out");
        if (!ImageSizes.IsDefault && ImageSizes.IsEmpty)
            throw new ConfigException("image_sizes [] names no size; name at least one, or leave it out for image_size");
        if (Sizes.Any(s => s is not { Width: >= 1 and <= 4096, Height: >= 1 and <= 4096 }))
            throw new ConfigException($"image_sizes [{string.Join(", ", Sizes)}] must all be from 1 to 4096 pixels a side");
        if (Sizes.Distinct().Count() < Sizes.Length)
            throw new ConfigException($"image_sizes [{string.Join(", ", Sizes)}] names a size twice");
        if (Channels is not (1 or 3))
            throw new ConfigException($"channels {Channels} must be 1 (grey) or 3 (RGB)");
        if (!(ValidationFraction >= 0 && ValidationFraction < 1))
            throw new ConfigException($"validation_fraction {ValidationFraction} must be from 0 to below 1");
        if (!(ImageFirst >= 0 && ImageFirst <= 1))
            throw new ConfigException($"image_first {ImageFirst} must be from 0 to 1");
        if (SampleRate is < AudioClip.MinSampleRate or > AudioClip.MaxSampleRate)
            throw new ConfigException($"sample_rate {SampleRate} must be from {AudioClip.MinSampleRate} to {AudioClip.MaxSampleRate} samples per second");
        if (!(SpeechFirst >= 0 && SpeechFirst <= 1))
            throw new ConfigException($"speech_first {SpeechFirst} must be from 0 to 1");
        if (!(SpeechDropout >= 0 && CaptionDropout + SpeechDropout <= 1))
            throw new ConfigException($"speech_dropout {SpeechDropout} must be at least 0 and, with caption_dropout {CaptionDropout}, at most 1");
        if (!(CaptionDropout >= 0 && CaptionDropout <= 1))
            throw new ConfigException($"caption_dropout {CaptionDropout} must be from 0 to 1");
        if (!(Interleave >= 0 && CaptionDropout + SpeechDropout + Interleave <= 1))
            throw new ConfigException($"interleave {Interleave} must be at least 0 and, with caption_dropout {CaptionDropout} and speech_dropout {SpeechDropout}, at most 1");
        if (MaxBadDocuments < 0)
            throw new ConfigException($"max_bad_documents {MaxBadDocuments} must not be negative");
        foreach (var source in Sources)
            source.Validate(this);
        return this;
    }
}
