// Legend: P patches, I images, X numbers of a patch.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Objectives;

/// <summary>The images of a batch with noise, and what a model should say of them.</summary>
/// <param name="Input">What the model sees; its tensors belong to the caller's scope.</param>
/// <param name="Target_PX">What it should predict, [P, X]; belongs to the caller's scope.</param>
internal sealed record NoisedImages(PatchInput Input, Tensor Target_PX)
{
    /// <summary>The squared error of a prediction, [P, X], summed over all numbers: a scalar with gradient, owned by the caller's scope.</summary>
    public Tensor SquaredError(Tensor predicted_PX) => nn.functional.mse_loss(predicted_PX, Target_PX.to(predicted_PX.dtype), nn.Reduction.Sum);

    /// <summary>Draws a level for each image and noise for each number.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="noise">The process.</param>
    /// <param name="imageFirstLimit">The highest level of images from which text is learned.</param>
    /// <param name="seed">Decides both: the same noise on every device.</param>
    /// <param name="device">Where the tensors go.</param>
    public static NoisedImages Of(BatchImages images, INoiseProcess noise, double imageFirstLimit, long seed, Device device)
    {
        var random = new SeededRandom(seed);
        return Of(images, noise, [.. images.Spans.Select(span => noise.Draw(random, span.LeadsText ? imageFirstLimit : 1))], seed, device);
    }

    /// <summary>The same at given levels.</summary>
    /// <param name="images">At least one.</param>
    /// <param name="noise">The process.</param>
    /// <param name="levels">By image.</param>
    /// <param name="seed">Decides the noise.</param>
    /// <param name="device">Where the tensors go.</param>
    public static NoisedImages Of(BatchImages images, INoiseProcess noise, double[] levels, long seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed);
        var clean_PX = Upload.To(tensor(images.Patches, [images.PatchCount, images.PatchDim]), device);
        var noise_PX = Upload.To(randn([images.PatchCount, images.PatchDim], generator: generator), device);
        var image_P = Upload.To(tensor(images.ImageOfPatch), device);
        Tensor OfPatches(Func<double, double> factor) => Upload.To(tensor(levels.Select(level => (float)factor(level)).ToArray()), device).index_select(0, image_P).unsqueeze(1);
        var noised_PX = (clean_PX * OfPatches(level => noise.At(level).Signal)) + (noise_PX * OfPatches(level => noise.At(level).Noise));
        var target_PX = (clean_PX * noise.Target.Signal) + (noise_PX * noise.Target.Noise);
        var times_I = Upload.To(tensor(levels.Select(level => (float)noise.Condition(level)).ToArray()), device);
        return new(new(noised_PX.MoveToOuterDisposeScope(), times_I.MoveToOuterDisposeScope(), image_P.MoveToOuterDisposeScope(), images.Spans), target_PX.MoveToOuterDisposeScope());
    }
}
