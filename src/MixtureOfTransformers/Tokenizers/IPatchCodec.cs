using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>Images to vectors and back, for models that denoise them: patches of pixels, or of the latents of a VAE.</summary>
public interface IPatchCodec : IDisposable
{
    /// <summary>The shapes of images, at least one; images differ in size, and patches do not.</summary>
    IReadOnlyList<ImageShape> Shapes { get; }

    /// <summary>For each shape its patches and what they are cut from.</summary>
    IReadOnlyList<PatchGrid> Grids { get; }

    /// <summary>Largest absolute number of the images that it was made for.</summary>
    double Limit { get; }

    /// <summary>SHA-256 of all that decides the numbers, in hexadecimal.</summary>
    string Fingerprint { get; }

    /// <summary>The patches of images.</summary>
    /// <returns>For each image its patches, in order.</returns>
    /// <exception cref="MotException">An image has another shape.</exception>
    IReadOnlyList<ImagePatches> Encode(IReadOnlyList<PixelImage> images);

    /// <summary>The images of patches.</summary>
    /// <param name="patches">As <see cref="Encode"/> gives them.</param>
    /// <exception cref="MotException">There are more or fewer numbers than an image has.</exception>
    IReadOnlyList<PixelImage> Decode(IReadOnlyList<ImagePatches> patches);

    /// <summary>Writes it into a folder.</summary>
    void Save(string folder);
}
