using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The images of a forward pass, where they are vectors.</summary>
/// <param name="Patches">Patches of all images one after the other, noised or not, [P, X], fp32 on the model's device; stays the caller's.</param>
/// <param name="Times">What the model is told of each image's noise, from 0 to 1000, [I], fp32; stays the caller's.</param>
/// <param name="ImageOfPatch">The image of each patch, [P], Int64; stays the caller's.</param>
/// <param name="Spans">Where the images are in the batch, row after row.</param>
public sealed record PatchInput(Tensor Patches, Tensor Times, Tensor ImageOfPatch, IReadOnlyList<ImageSpan> Spans)
{
    /// <summary>Images without noise, as text is generated from them.</summary>
    /// <param name="model">A model with diffusion.</param>
    /// <param name="images">At least one.</param>
    /// <returns>Tensors of the caller's scope.</returns>
    public static PatchInput Clean(MotModel model, BatchImages images) => new(
        Upload.To(tensor(images.Patches, [images.PatchCount, images.PatchDim]), model.Device),
        full(images.Spans.Length, model.Config.Diffusion!.CleanTime, dtype: ScalarType.Float32, device: model.Device),
        Upload.To(tensor(images.ImageOfPatch), model.Device),
        images.Spans);
}
