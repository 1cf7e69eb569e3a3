using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>A session with its model, disposed together.</summary>
/// <param name="Session">The model in training.</param>
internal sealed record ComparedModel(TrainingSession Session) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Session.Dispose();
        Session.Model.Dispose();
    }
}
