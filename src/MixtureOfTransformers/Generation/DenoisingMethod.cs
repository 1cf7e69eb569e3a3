namespace MixtureOfTransformers.Generation;

/// <summary>How an image goes from one level of noise to the next.</summary>
public enum DenoisingMethod
{
    /// <summary>DDPM: each step adds some fresh noise.</summary>
    Ddpm,

    /// <summary>Without fresh noise (DDIM), for DDPM models.</summary>
    Ddim,

    /// <summary>Straight along the velocity, for flow models: the formula of <see cref="Ddim"/>.</summary>
    Euler,

    /// <summary>Along the mean of the velocities at both ends, for flow models: two passes a step but the last.</summary>
    Heun,
}
