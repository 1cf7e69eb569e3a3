using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Images as vectors that are denoised, beside text that is predicted token by token: the Transfusion setting (arXiv:2408.11039). Each image is a run of patches, one token each.</summary>
public sealed record Diffusion
{
    /// <summary>Numbers of a patch, X.</summary><value>0 in a recipe: filled in from the vocabulary.</value>
    public int PatchDim { get; init; }

    /// <summary>Numbers of a cell, which is what patches are cut from: a pixel or a latent.</summary><value>0 in a recipe: filled in from the vocabulary.</value>
    public int Channels { get; init; }

    /// <summary>Patches in a row of an image, of the first size where there are several.</summary><value>0 in a recipe: filled in from the vocabulary.</value>
    public int Columns { get; init; }

    /// <summary>How images are noised.</summary><value>DDPM.</value>
    public NoiseKind Noise { get; init; } = NoiseKind.Ddpm;

    /// <summary>Noise levels of DDPM, T; flow has all between 0 and 1.</summary><value>1000.</value>
    public int Steps { get; init; } = 1000;

    /// <summary>Weight λ of the image loss in text loss + λ · image loss.</summary><value>5, as in Transfusion.</value>
    public double LossWeight { get; init; } = 5;

    /// <summary>Most noise on an image that its document begins with and text follows, as a share of <see cref="Steps"/>: text cannot be learned from noise.</summary><value>0.5, which is
    /// t ≤ 500 in Transfusion; 1 for no limit.</value>
    public double ImageFirstLimit { get; init; } = 0.5;

    /// <summary>Moves the times of flow towards noise, in training and sampling: t ← s t / (1 + (s − 1) t). Large images need more.</summary><value>1: not at all.</value>
    public double TimestepShift { get; init; } = 1;

    /// <summary>Down and up blocks of a U-Net around the projections of patches, for images of one size.</summary><value>Null: linear projections alone.</value>
    public PatchUnetOptions? Unet { get; init; }

    /// <summary>Whether each patch is also told its row and its column, by fixed waves that are added to it, as in BAGEL.</summary><value>False: positions in the sequence alone.</value>
    public bool GridPositions { get; init; }

    /// <summary>Cells of a patch along each side.</summary>
    [JsonIgnore]
    internal int PatchSize => (int)Math.Round(Math.Sqrt((double)PatchDim / Channels));

    /// <summary>Width of what is projected into the residual stream.</summary>
    [JsonIgnore]
    internal int ProjectedDim => Unet?.Width ?? PatchDim;

    /// <summary>What the model is told of an image without noise; see <see cref="PatchInput.Times"/>.</summary>
    [JsonIgnore]
    public double CleanTime => Noise == NoiseKind.FlowFromNoise ? 1000 : 0;

    /// <summary>These settings, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public Diffusion Validate()
    {
        Require(PatchDim > 0, $"diffusion: patch_dim {PatchDim} must be positive");
        Require(Steps is >= 2 and <= 100_000, $"diffusion: steps {Steps} must be from 2 to 100000");
        Require(LossWeight > 0 && double.IsFinite(LossWeight), $"diffusion: loss_weight {LossWeight} must be positive");
        Require(ImageFirstLimit > 0 && ImageFirstLimit <= 1 && ImageFirstLimit * Steps >= 1, $"diffusion: image_first_limit {ImageFirstLimit} must be above 0 and at most 1, and leave one of {Steps} steps");
        Require(TimestepShift > 0 && double.IsFinite(TimestepShift), $"diffusion: timestep_shift {TimestepShift} must be positive");
        Require(TimestepShift == 1 || Noise != NoiseKind.Ddpm, $"diffusion: timestep_shift {TimestepShift} is for flow; leave it out with ddpm");
        Require(!GridPositions || Columns > 0, "diffusion: grid_positions needs to know how patches are cut, which these tokenizers are too old to say; prepare the data again, into an empty folder");
        Unet?.Validate(this);
        return this;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new ConfigException(problem);
    }
}
