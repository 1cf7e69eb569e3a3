// Legend: N images, F features.
using MixtureOfTransformers.Data;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Images;

/// <summary>Networks take images of one size at a time.</summary>
internal static class SizeGroups
{
    /// <summary>Works something out of images of any sizes.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="most">Most images at once.</param>
    /// <param name="features">Of images of one size; its result belongs to the scope of the caller of it.</param>
    /// <returns>[N, F] in the order of the images, owned by the caller's scope.</returns>
    public static Tensor Map(IReadOnlyList<PixelImage> images, int most, Func<PixelImage[], Tensor> features)
    {
        using var scope = NewDisposeScope();
        var groups = images.Select((image, place) => (Image: image, Place: (long)place)).GroupBy(i => (i.Image.Width, i.Image.Height)).ToArray();
        var grouped_NF = cat([.. groups.SelectMany(group => group.Select(i => i.Image).Chunk(most)).Select(features)]);
        if (groups.Length == 1)
            return grouped_NF.MoveToOuterDisposeScope();
        return grouped_NF.index_select(0, tensor(groups.SelectMany(group => group.Select(i => i.Place)).ToArray()).argsort()).MoveToOuterDisposeScope();
    }
}
