using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>One run of a comparison, in a <see cref="RunFolder"/> of its own, advanced slice by slice. Opened again after a kill it goes on from its checkpoint, and ends with the
/// same losses: everything that is logged depends on the plan alone.</summary>
internal sealed class ComparedRun : IDisposable
{
    private readonly ComparedData _data;
    private readonly RunFolder _folder;
    private readonly ComparedModel _model;
    private readonly IDisposable _lock;
    private readonly MetricsLog _log;
    private readonly StretchMean _stretch;
    private readonly double _saveEvery;
    private double _savedAt;
    private long _validated;
    private bool _hasDiverged;

    /// <summary>Begins a run, or takes it up at its checkpoint.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="recipe">What to train.</param>
    /// <param name="data">What to train on.</param>
    /// <param name="environment">What <c>environment.json</c> is to say; the first step is filled in.</param>
    /// <param name="saveEvery">Seconds of training between checkpoints; one is made at the end in any case.</param>
    /// <exception cref="MotException">The folder holds something else, or is in use.</exception>
    public ComparedRun(string path, Recipe recipe, ComparedData data, RunEnvironment environment, TimeSpan saveEvery)
    {
        (_data, _saveEvery) = (data, saveEvery.TotalSeconds);
        _folder = Folder(path, recipe, data.Prepared.TokenizersFolder);
        _lock = _folder.Lock();
        _folder.Checkpoints.RemoveUnfinished();
        _model = data.Model(recipe);
        if (_folder.Checkpoints.Latest is not null)
            Restore(_folder.Checkpoints.Open());
        _savedAt = Session.Seconds;
        _folder.Record(environment with { FirstStep = Session.StepCount, Seed = recipe.Seed });
        _log = new(_folder.MetricsPath, Session.StepCount);
        _validated = MetricsLog.Read(_folder.MetricsPath).OfType<ValidationMetrics>().LastOrDefault()?.Step ?? -1;
        _stretch = new(Session);
    }

    /// <summary>The name of the contender.</summary>
    public string Name => _folder.Recipe.Name;

    /// <summary>Steps done.</summary>
    public long StepCount => Session.StepCount;

    private TrainingSession Session => _model.Session;

    /// <summary>Trains from one evaluation to the next, and evaluates; does what is left of it where a part was done before. A run that diverges is marked as that (<see cref="DivergenceFile"/>) and
    /// does nothing from then on: whose loss or gradient is not finite, that the spike guard gives up, or whose training loss at the end is above the loss before the first step.</summary>
    /// <param name="start">The evaluation before.</param>
    /// <param name="end">The evaluation to get to.</param>
    /// <param name="stretch">Steps of a point of the training curve.</param>
    /// <param name="stepped">Told of every step.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public void Advance(long start, long end, long stretch, Action<string, StepMetrics> stepped, CancellationToken cancellation)
    {
        if (_validated >= end || _hasDiverged)
            return;
        try
        {
            Train(start, end, stretch, stepped, cancellation);
            Validate(cancellation);
            if (Session.IsComplete)
                ThrowIfWorseThanUntrained();
        }
        catch (DivergedException error) when (_validated >= 0) // not finite before the first step: that is no matter of training
        {
            DivergenceFile.Write(_folder.Path, new(error.Step, error.Message));
            _hasDiverged = true;
            return;
        }
        SaveIfDue();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log.Dispose();
        _model.Dispose();
        _lock.Dispose();
    }

    private void Train(long start, long end, long stretch, Action<string, StepMetrics> stepped, CancellationToken cancellation)
    {
        while (Session.StepCount < end)
        {
            cancellation.ThrowIfCancellationRequested();
            var step = Session.Step();
            _stretch.Add(step);
            stepped(Name, step);
            if (step.Step < end && (step.Step - start) % stretch != 0)
                continue;
            _log.Write(_stretch.Take(step));
            if (step.Step < end)
                SaveIfDue();
        }
    }

    /// <summary>The folder of a run that goes on, or a new one; what a kill left of a beginning is removed.</summary>
    private static RunFolder Folder(string path, Recipe recipe, string tokenizers)
    {
        if (RunFolder.Exists(path))
            return RecipeDifference.First(RunFolder.Open(path).Recipe, recipe) is not { } difference ? RunFolder.Open(path)
                : throw new MotException($"the run in {path} is another: {difference}; delete its folder to train it again");
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        return RunFolder.Create(path, recipe, tokenizers);
    }

    private void Restore(Checkpoint checkpoint)
    {
        checkpoint.RequireTokenizers(_data.Prepared.Fingerprint);
        Session.Restore(checkpoint);
    }

    private void Validate(CancellationToken cancellation)
    {
        var loss = _data.Validation.Measure(Session.Model, cancellation);
        if (!double.IsFinite(loss.Loss))
            throw new DivergedException(StepCount, $"step {StepCount}: the validation loss is {loss.Loss:g4}; lower learning_rate or lengthen warmup_steps");
        _log.Write(ValidationMetrics.Of(Session, loss));
        _validated = Session.StepCount;
    }

    /// <summary>A loss may explode and stay finite, in steps so early or so small that the spike guard takes them for usual. Training losses tell, as validation losses also rise where data are known by heart.</summary>
    private void ThrowIfWorseThanUntrained()
    {
        var lines = MetricsLog.Read(_folder.MetricsPath);
        var (before, after) = (lines.OfType<ValidationMetrics>().First().Loss, lines.OfType<TrainingMetrics>().Last().Loss);
        if (after > before)
            throw new DivergedException(StepCount, $"step {StepCount}: the training loss {after:f3} at the end is above the {before:f3} of the model before its first step; lower learning_rate or lengthen warmup_steps");
    }

    private void SaveIfDue()
    {
        if (StepCount == 0 || (!Session.IsComplete && Session.Seconds - _savedAt < _saveEvery))
            return;
        using var scope = NewDisposeScope();
        _folder.Checkpoints.Save(Session.Model, Session.Moments(), Session.Capture(_folder.Recipe.Seed, _data.Prepared.Fingerprint));
        _savedAt = Session.Seconds;
    }
}
