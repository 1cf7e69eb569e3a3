using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Objectives;

/// <summary>A path from an image to noise, and what a model learns on it. A level runs from 0, the clean image, to 1, most noise; a noised image is
/// signal · image + noise · ε with ε of unit variance, and the model predicts a fixed combination of image and ε.</summary>
public interface INoiseProcess
{
    /// <summary>The two factors of a noised image.</summary>
    /// <param name="level">0 to 1.</param>
    NoiseMix At(double level);

    /// <summary>The two factors of what the model predicts.</summary>
    NoiseMix Target { get; }

    /// <summary>What the model is told of a level, 0 to 1000.</summary>
    double Condition(double level);

    /// <summary>A level to train at, above 0.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="limit">The highest, above 0 up to 1.</param>
    double Draw(SeededRandom random, double limit = 1);

    /// <summary>The levels of sampling, falling, from 1 to 0: one more than steps.</summary>
    /// <param name="steps">How many times an image is denoised.</param>
    /// <exception cref="Storage.ConfigException">The process has fewer levels.</exception>
    double[] Levels(int steps);
}
