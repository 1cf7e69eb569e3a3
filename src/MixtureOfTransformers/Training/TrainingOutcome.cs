namespace MixtureOfTransformers.Training;

/// <summary>How a run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All steps, or all minutes, are done.</summary>
    Completed,

    /// <summary>It was cancelled and saved; it can be resumed.</summary>
    Interrupted,
}
