using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Objectives;

/// <summary>Rectified flow: x = (1 − level) · image + level · ε. The model predicts the velocity along the path (SPEC §7.3).</summary>
/// <param name="shift">Moves levels towards noise: l ← s l / (1 + (s − 1) l).</param>
/// <param name="fromNoise">The sign convention. False is BAGEL's, time = level and velocity ε − image; true has time 0 at the noise, time = 1 − level and velocity image − ε.
/// The path is the same: the samples of two models that differ in nothing else are equal.</param>
public sealed class RectifiedFlow(double shift = 1, bool fromNoise = false) : INoiseProcess
{
    private const double ConditionRange = 1000;

    /// <summary>The velocity.</summary>
    public NoiseMix Target => fromNoise ? new(1, -1) : new(-1, 1);

    /// <inheritdoc/>
    public NoiseMix At(double level) => new(1 - level, level);

    /// <summary>The time, times 1000.</summary>
    public double Condition(double level) => ConditionRange * (fromNoise ? 1 - level : level);

    /// <summary>The logistic function of a normal number, shifted, times the limit.</summary>
    public double Draw(SeededRandom random, double limit = 1)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextUnit())) * Math.Cos(2 * Math.PI * random.NextUnit());
        return limit * Shifted(1 / (1 + Math.Exp(-normal)));
    }

    /// <inheritdoc/>
    public double[] Levels(int steps)
    {
        if (steps < 1)
            throw new ConfigException($"{steps} denoising steps must be 1 or more");
        return [.. Enumerable.Range(0, steps + 1).Select(i => Shifted((double)(steps - i) / steps))];
    }

    private double Shifted(double level) => shift * level / (1 + ((shift - 1) * level));
}
