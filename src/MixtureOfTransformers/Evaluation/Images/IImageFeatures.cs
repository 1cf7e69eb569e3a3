using MixtureOfTransformers.Data;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>What images look like, in numbers: the features in which a <see cref="FrechetDistance"/> is measured.</summary>
internal interface IImageFeatures
{
    /// <summary>What they are, for a table: a few words.</summary>
    string Name { get; }

    /// <summary>The features of images, of any sizes.</summary>
    /// <param name="images">At least one.</param>
    /// <returns>[images, features] of float32 on the CPU, owned by the caller's scope.</returns>
    Tensor Of(IReadOnlyList<PixelImage> images);
}
