using System.Globalization;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>Shows a training run: share done, time to come, tokens/s, GFLOP/s, loss by modality; validations and checkpoints as lines that stay.</summary>
internal sealed class TrainingDisplay(ProgressStage stage) : ITrainingObserver
{
    private string _speed = "";

    public void Stepped(TrainingSession session, StepMetrics step) =>
        stage.Report(session.Progress, $"step {step.Step}  loss {Losses(step.Loss, step.ModalityLoss)}{_speed}");

    public void Logged(TrainingSession session, TrainingMetrics metrics)
    {
        _speed = string.Create(CultureInfo.InvariantCulture, $"  {metrics.TokensPerSecond:#,0} tok/s  {metrics.Gflops:0} GFLOP/s");
        if (metrics.SkippedUpdates > 0)
            stage.WriteLine($"step {metrics.Step}: {metrics.SkippedUpdates} updates skipped as loss spikes");
    }

    public void Validated(TrainingSession session, ValidationMetrics metrics) =>
        stage.WriteLine($"step {metrics.Step}: validation loss {Losses(metrics.Loss, metrics.ModalityLoss)}");

    public void Saved(TrainingSession session, string checkpoint) => stage.WriteLine($"saved {checkpoint}");

    internal static string Losses(double all, IReadOnlyDictionary<string, double> byModality) => string.Create(CultureInfo.InvariantCulture,
        $"{all:0.000} ({string.Join(", ", byModality.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Key} {m.Value:0.000}")))})");
}
