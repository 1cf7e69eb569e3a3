using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Objectives;

/// <summary>The objective that a model is made for.</summary>
public static class Objective
{
    /// <summary>Next tokens alone, or next tokens of text and denoised images.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="zLossWeight">Weight of the z-loss.</param>
    public static IObjective Of(MotConfig config, double zLossWeight = 0) =>
        config.Diffusion is not null ? new TransfusionLoss(config, zLossWeight) : new NextTokenLoss(zLossWeight);

    /// <summary>The noise of a model's images.</summary>
    /// <param name="diffusion">The model's settings.</param>
    public static INoiseProcess NoiseOf(Diffusion diffusion) =>
        diffusion.Noise == NoiseKind.Ddpm ? new CosineDiffusion(diffusion.Steps) : new RectifiedFlow(diffusion.TimestepShift, diffusion.Noise == NoiseKind.FlowFromNoise);
}
