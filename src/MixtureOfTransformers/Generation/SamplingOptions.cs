using System.Globalization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Generation;

/// <summary>How tokens are drawn: a rule for text, a rule for images, a rule for speech, guidance of images, and the seed.</summary>
public sealed record SamplingOptions
{
    /// <summary>Used for text.</summary><value>Temperature 1, no cuts.</value>
    public SamplingRule Text { get; init; } = new();

    /// <summary>Used inside images.</summary><value>Temperature 1, no cuts.</value>
    public SamplingRule Image { get; init; } = new();

    /// <summary>Used inside speech.</summary><value>Temperature 1, no cuts.</value>
    public SamplingRule Speech { get; init; } = new();

    /// <summary>Scale s of classifier-free guidance, for images only: u + s · (c - u) of logits, or of what a diffused image's patches predict, where c has seen the whole sequence and u only
    /// BOS, BOI and the image so far. Above 1 images follow their prompt more closely; anything but 1 decodes a second stream. The model must have been
    /// trained with some captions left out.</summary><value>1: off, at no cost.</value>
    public double ImageGuidance { get; init; } = 1;

    /// <summary>How images are denoised, where the model's are diffused; <see cref="Image"/> plays no part then.</summary>
    public DenoisingOptions Denoising { get; init; } = new();

    /// <summary>Starts the sequence's own random stream: the same model, prompt, options and seed give the same tokens, whatever else is in the batch.</summary><value>0.</value>
    public long Seed { get; init; }

    /// <summary>These options, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both and the remedy.</exception>
    public SamplingOptions Validate()
    {
        Text.Validate("text");
        Image.Validate("image");
        Speech.Validate("speech");
        Denoising.Validate();
        if (!double.IsFinite(ImageGuidance) || ImageGuidance < 0)
            throw new ConfigException(string.Create(CultureInfo.InvariantCulture, $"image_guidance {ImageGuidance} must be 0 or more; 1 is off, 2 to 5 are usual"));
        return this;
    }
}
