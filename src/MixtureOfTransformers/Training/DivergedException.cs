using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Training went wrong: the loss or the gradient is not finite, or the loss stays far above its recent values. Thrown before the weights change.</summary>
public sealed class DivergedException : MotException
{
    /// <summary>An error about the step that was not made.</summary>
    /// <param name="step">The step, counted from 1.</param>
    /// <param name="message">What was wrong and what to do.</param>
    public DivergedException(long step, string message) : base(message) => Step = step;

    /// <summary>The step that was not made, counted from 1.</summary>
    public long Step { get; }
}
