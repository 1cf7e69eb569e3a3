// Legend: any shape, the same for all tensors.
using MixtureOfTransformers.Objectives;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>From one level of noise to the next, whatever the process: the model's prediction is split into an image and noise, which are mixed anew.</summary>
/// <param name="noise">The process.</param>
/// <param name="clip">Largest absolute number of an image; null for no limit.</param>
internal sealed class DenoisingStep(INoiseProcess noise, double? clip)
{
    /// <summary>The image and the noise that a prediction says a noised image consists of.</summary>
    public (Tensor Clean, Tensor Noise) Split(Tensor noised, Tensor predicted, double level)
    {
        var (mix, target) = (noise.At(level), noise.Target);
        var determinant = (mix.Signal * target.Noise) - (mix.Noise * target.Signal);
        var clean = ((noised * target.Noise) - (predicted * mix.Noise)) / determinant;
        if (clip is { } limit)
        {
            clean = clean.clamp(-limit, limit);
            return (clean, (noised - (clean * mix.Signal)) / mix.Noise);
        }
        return (clean, ((predicted * mix.Signal) - (noised * target.Signal)) / determinant);
    }

    /// <summary>DDIM and Euler: the same image and noise at another level.</summary>
    public Tensor Move(Tensor clean, Tensor noisePart, double to) => (clean * noise.At(to).Signal) + (noisePart * noise.At(to).Noise);

    /// <summary>DDPM: the mean of x at the lower level, and the deviation of the fresh noise to add, also where levels between are left out.</summary>
    public (Tensor Mean, double Deviation) Ancestor(Tensor clean, Tensor noisePart, double from, double to)
    {
        var (old, next) = (noise.At(from), noise.At(to));
        var variance = next.Noise * next.Noise / (old.Noise * old.Noise) * (1 - (old.Signal * old.Signal / (next.Signal * next.Signal)));
        return ((clean * next.Signal) + (noisePart * Math.Sqrt(Math.Max(0, (next.Noise * next.Noise) - variance))), Math.Sqrt(variance));
    }
}
