namespace MixtureOfTransformers.Training;

/// <summary>Watches a run, for a display. Called on the training thread; each method should return at once.</summary>
public interface ITrainingObserver
{
    /// <summary>The run begins, or goes on after <see cref="TrainingSession.StepCount"/> steps.</summary>
    void Started(TrainingSession session) { }

    /// <summary>A step was made.</summary>
    void Stepped(TrainingSession session, StepMetrics step) { }

    /// <summary>A line of training metrics was written.</summary>
    void Logged(TrainingSession session, TrainingMetrics metrics) { }

    /// <summary>A validation was made.</summary>
    void Validated(TrainingSession session, ValidationMetrics metrics) { }

    /// <summary>A checkpoint is on disk; told after the first step that ends when it is, so perhaps some steps after the one it was made at.</summary>
    /// <param name="session">The run.</param>
    /// <param name="checkpoint">Folder name of the checkpoint.</param>
    void Saved(TrainingSession session, string checkpoint) { }
}
