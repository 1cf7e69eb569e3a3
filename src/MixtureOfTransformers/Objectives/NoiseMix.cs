namespace MixtureOfTransformers.Objectives;

/// <summary>A combination of an image and noise.</summary>
/// <param name="Signal">Factor of the image.</param>
/// <param name="Noise">Factor of the noise.</param>
public readonly record struct NoiseMix(double Signal, double Noise);
