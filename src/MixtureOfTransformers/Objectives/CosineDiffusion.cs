using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Objectives;

/// <summary>DDPM with the cosine schedule of Nichol and Dhariwal (arXiv:2102.09672), whose model predicts the noise: x_t = √ᾱ_t x_0 + √(1 − ᾱ_t) ε, t = 1 … T at level t / T;
/// level 0 is the image itself.</summary>
/// <remarks>β_t = min(1 − f(t/T) / f((t−1)/T), 0.999) with f(u) = cos²((u + 0.008) / 1.008 · π/2), ᾱ_t = Π (1 − β).</remarks>
public sealed class CosineDiffusion : INoiseProcess
{
    private const double Offset = 0.008;
    private const double LargestBeta = 0.999;
    private const double ConditionRange = 1000;
    private readonly double[] _signalVariance; // ᾱ by t, from t = 0

    /// <summary>Works out the schedule.</summary>
    /// <param name="steps">T.</param>
    public CosineDiffusion(int steps = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        _signalVariance = new double[steps + 1];
        _signalVariance[0] = 1;
        for (var t = 1; t <= steps; t++)
            _signalVariance[t] = _signalVariance[t - 1] * (1 - Math.Min(1 - (Curve(t, steps) / Curve(t - 1, steps)), LargestBeta));
    }

    /// <summary>T.</summary>
    public int StepCount => _signalVariance.Length - 1;

    /// <summary>The model predicts ε.</summary>
    public NoiseMix Target => new(0, 1);

    /// <inheritdoc/>
    public NoiseMix At(double level)
    {
        var variance = _signalVariance[(int)Math.Round(level * StepCount)];
        return new(Math.Sqrt(variance), Math.Sqrt(1 - variance));
    }

    /// <inheritdoc/>
    public double Condition(double level) => ConditionRange * level;

    /// <summary>One of the T levels up to the limit, each equally likely.</summary>
    public double Draw(SeededRandom random, double limit = 1) => (double)(1 + random.Next((int)(limit * StepCount))) / StepCount;

    /// <inheritdoc/>
    public double[] Levels(int steps)
    {
        if (steps < 1 || steps > StepCount)
            throw new ConfigException($"{steps} denoising steps must be from 1 to {StepCount}, the steps of the model's schedule");
        return [.. Enumerable.Range(0, steps + 1).Select(i => Math.Round((double)StepCount * (steps - i) / steps) / StepCount)];
    }

    private static double Curve(int t, int steps)
    {
        var cosine = Math.Cos((((double)t / steps) + Offset) / (1 + Offset) * Math.PI / 2);
        return cosine * cosine;
    }
}
