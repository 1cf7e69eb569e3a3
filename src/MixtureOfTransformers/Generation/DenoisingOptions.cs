using System.Globalization;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Generation;

/// <summary>How images are denoised.</summary>
public sealed record DenoisingOptions
{
    /// <summary>Steps from noise to image.</summary><value>50; Transfusion takes 250 of its 1000.</value>
    public int Steps { get; init; } = 50;

    /// <summary>Which of the sizes that the model has learned images are drawn in, counted from 0 as in <see cref="Tokenizers.TokenizerSet.ImageShapes"/>.</summary><value>0, the first.</value>
    public int SizeIndex { get; init; }

    /// <summary>How a step is made.</summary><value>Null: DDPM for DDPM models, Euler for flow.</value>
    public DenoisingMethod? Method { get; init; }

    /// <summary>Shrinks what guidance makes longer: the guided prediction of an image is scaled to the length of the conditional one, but by no less than this (BAGEL's global
    /// renormalisation).</summary><value>Null: left as it is; BAGEL takes 0.</value>
    public double? Renormalization { get; init; }

    /// <summary>The method for a model's noise.</summary>
    /// <exception cref="ConfigException">The method is for other models.</exception>
    internal DenoisingMethod MethodFor(NoiseKind noise)
    {
        var method = Method ?? (noise == NoiseKind.Ddpm ? DenoisingMethod.Ddpm : DenoisingMethod.Euler);
        return noise == NoiseKind.Ddpm == method is DenoisingMethod.Ddpm or DenoisingMethod.Ddim ? method
            : throw new ConfigException($"method {method} does not fit a model of {noise}; use ddpm or ddim for ddpm, euler or heun for flow");
    }

    /// <summary>These options, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits.</exception>
    internal DenoisingOptions Validate()
    {
        if (Steps < 1)
            throw new ConfigException($"{Steps} denoising steps must be 1 or more");
        if (Renormalization is not (null or (>= 0 and <= 1)))
            throw new ConfigException(string.Create(CultureInfo.InvariantCulture, $"renormalization {Renormalization} must be from 0 to 1"));
        return this;
    }
}
