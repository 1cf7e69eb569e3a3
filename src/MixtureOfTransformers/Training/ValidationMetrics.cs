namespace MixtureOfTransformers.Training;

/// <summary>A validation after a step.</summary>
public sealed record ValidationMetrics : MetricsLine
{
    /// <summary>The line of a loss that was measured now.</summary>
    internal static ValidationMetrics Of(TrainingSession session, ValidationLoss loss) => new()
    {
        Step = session.StepCount,
        Tokens = session.Tokens,
        Flops = session.Flops,
        Seconds = session.Seconds,
        Loss = loss.Loss,
        ModalityLoss = loss.ModalityLoss,
    };
}
