using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>Runs a <see cref="TrainingSession"/> to its end in a <see cref="RunFolder"/>: steps, metrics, validation, checkpoints.</summary>
/// <param name="session">The model in training; stays the caller's.</param>
/// <param name="folder">Where the run is kept.</param>
/// <param name="validation">Held-out data; null for none.</param>
/// <param name="tokenizerFingerprint">Of the tokenizers that made the data.</param>
/// <param name="observer">A display; null for none.</param>
public sealed class Trainer(TrainingSession session, RunFolder folder, Validation? validation, string tokenizerFingerprint, ITrainingObserver? observer = null)
{
    private readonly CheckpointWriter _writer = new(folder.Checkpoints);
    private BestValidation? _best;
    private (long Step, long Tokens, double Flops, double Seconds, int Skipped) _logged;

    /// <summary>Takes the run up at its latest checkpoint; without one it starts over. The metrics are cut back to the same step.</summary>
    /// <returns>Steps already done.</returns>
    /// <exception cref="Storage.MotException">The checkpoint is damaged, belongs to other tokenizers, or has another shape than the model.</exception>
    public long Resume()
    {
        if (folder.Checkpoints.Latest is null)
            return 0;
        var checkpoint = folder.Checkpoints.Open();
        checkpoint.RequireTokenizers(tokenizerFingerprint);
        if (checkpoint.State.Seed != folder.Recipe.Seed)
            throw new MotException($"{checkpoint.Folder} was trained with seed {checkpoint.State.Seed}, but recipe.json says {folder.Recipe.Seed}; another seed is another run");
        session.Restore(checkpoint);
        _best = checkpoint.State.Best;
        return session.StepCount;
    }

    /// <summary>Trains until the recipe's steps or minutes are used up, or <paramref name="cancellation"/> asks to stop: then the current step is finished and saved.</summary>
    /// <remarks>Checkpoints are written while the next steps run; when this returns or throws, the last of them is on disk, or has failed with an error.</remarks>
    /// <exception cref="DivergedException">The loss or gradient went wrong; the weights of the last step and all checkpoints are as they were.</exception>
    /// <exception cref="Storage.MotException">The disk is full, or another process trains in the folder.</exception>
    public TrainingOutcome Run(CancellationToken cancellation = default)
    {
        using var _ = folder.Lock();
        folder.Checkpoints.RemoveUnfinished();
        using var log = new MetricsLog(folder.MetricsPath, session.StepCount);
        try
        {
            var outcome = Run(log, cancellation);
            TellSaved(wait: true);
            return outcome;
        }
        finally
        {
            _writer.Wait(); // the folder stays locked until then
        }
    }

    private TrainingOutcome Run(MetricsLog log, CancellationToken cancellation)
    {
        var recipe = session.Recipe;
        _logged = (session.StepCount, session.Tokens, session.Flops, session.Seconds, 0);
        var saved = folder.Checkpoints.Latest == Checkpoint.NameOf(session.StepCount);
        observer?.Started(session);
        while (!session.IsComplete)
        {
            if (cancellation.IsCancellationRequested)
            {
                if (!saved)
                    Save(validated: null);
                return TrainingOutcome.Interrupted;
            }
            var step = Step();
            TellSaved(wait: false);
            saved = session.IsComplete || IsDue(recipe.CheckpointEvery);
            if (session.IsComplete || IsDue(recipe.LogEvery))
                Log(log, step);
            var validated = saved || IsDue(recipe.ValidateEvery) ? Validate(log) : null;
            if (saved)
                Save(validated);
        }
        return TrainingOutcome.Completed;
    }

    private bool IsDue(long interval) => interval > 0 && session.StepCount % interval == 0;

    private StepMetrics Step()
    {
        try
        {
            var step = session.Step();
            _logged.Skipped += step.Skipped ? 1 : 0;
            observer?.Stepped(session, step);
            return step;
        }
        catch (DivergedException error)
        {
            throw Explained(error);
        }
    }

    private DivergedException Explained(DivergedException error)
    {
        var unsaved = "";
        try
        {
            TellSaved(wait: true);
        }
        catch (MotException failure)
        {
            unsaved = $"; {failure.Message}";
        }
        var last = folder.Checkpoints.Latest is { } name ? $"the last checkpoint is {name}: change training in recipe.json in {folder.Path} and resume by that recipe" : "there is no checkpoint yet: start again";
        return new(error.Step, $"{error.Message}; {last}{unsaved}");
    }

    private void Log(MetricsLog log, StepMetrics step)
    {
        var seconds = Math.Max(step.Seconds - _logged.Seconds, 1e-9);
        var metrics = new TrainingMetrics
        {
            Step = step.Step,
            Tokens = step.Tokens,
            Flops = step.Flops,
            Seconds = step.Seconds,
            Loss = step.Loss,
            ModalityLoss = step.ModalityLoss,
            LearningRate = step.LearningRate,
            GradNorm = step.GradNorm,
            TokensPerSecond = (step.Tokens - _logged.Tokens) / seconds,
            Gflops = (step.Flops - _logged.Flops) / seconds / 1e9,
            SkippedUpdates = _logged.Skipped,
        };
        _logged = (step.Step, step.Tokens, step.Flops, step.Seconds, 0);
        log.Write(metrics);
        observer?.Logged(session, metrics);
    }

    private ValidationLoss? Validate(MetricsLog log)
    {
        if (validation is null or { TargetCount: 0 })
            return null;
        var loss = validation.Measure(session.Model);
        var metrics = ValidationMetrics.Of(session, loss);
        log.Write(metrics);
        observer?.Validated(session, metrics);
        if (!double.IsFinite(loss.Loss))
            throw Explained(new DivergedException(session.StepCount, $"step {session.StepCount}: the validation loss is {loss.Loss:g4}, so the last updates went wrong; lower learning_rate or lengthen warmup_steps"));
        return loss;
    }

    /// <summary>Tells of a checkpoint once it is on disk, and throws where it could not be written.</summary>
    private void TellSaved(bool wait)
    {
        if (_writer.Finish(wait) is { } name)
            observer?.Saved(session, name);
    }

    private void Save(ValidationLoss? validated)
    {
        TellSaved(wait: true); // one at a time
        using var scope = NewDisposeScope();
        if (validated is not null && validated.Loss < (_best?.Loss ?? double.PositiveInfinity))
            _best = new(session.StepCount, validated.Loss);
        var state = session.Capture(folder.Recipe.Seed, tokenizerFingerprint) with { ValidationLoss = validated?.Loss, Best = _best };
        _writer.Begin(session.Model, session.Moments(), state);
    }
}
