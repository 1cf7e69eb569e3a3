using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Trains several architectures of one shape on the same data in the same order with the same schedule, so that they spend the same FLOPs.
/// They train at the same time with an equal share of the processors, so that a noisy machine treats all alike; validation is not counted in their seconds.</summary>
/// <remarks>Not thread-safe. The models stay alive until this is disposed, for sampling.</remarks>
public sealed class ArchitectureComparison : IDisposable
{
    private readonly Validation _validation;
    private readonly TimeProvider _time;
    private readonly List<Contender> _contenders = [];

    /// <summary>Builds every architecture.</summary>
    /// <param name="recipe">Shape, training and seed; its steps are the length of each run.</param>
    /// <param name="architectures">What to compare, the baseline first.</param>
    /// <param name="data">Prepared data; stays the caller's.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="time">The clock.</param>
    public ArchitectureComparison(Recipe recipe, IReadOnlyList<string> architectures, PreparedData data, Device device, TimeProvider time)
    {
        var training = recipe.Training;
        _time = time;
        _validation = new([.. data.ValidationBatches(training.BatchRows, training.SequenceLength, training.ValidationBatches)]);
        foreach (var architecture in architectures)
        {
            var model = (recipe.Model with { Architecture = architecture }).Build(data.Vocabulary, training, recipe.Seed, device);
            _contenders.Add(new(architecture, new(model, training, new PackedStream(data.Train, training.BatchRows, training.SequenceLength, recipe.Seed), time, recipe.Seed)));
        }
        TotalSteps = training.TotalSteps ?? throw new ArgumentException("a comparison needs a number of steps, the same for all; minutes would give each another number", nameof(recipe));
    }

    /// <summary>Steps of each run: the recipe's, or fewer where the time would not have sufficed.</summary>
    public long TotalSteps { get; private set; }

    /// <summary>The models by architecture; owned by this object.</summary>
    public IReadOnlyDictionary<string, MotModel> Models => _contenders.ToDictionary(c => c.Architecture, c => c.Session.Model);

    /// <summary>Trains all to the end.</summary>
    /// <param name="slices">Every model is validated after each of so many equal parts of the run; they wait for each other there.</param>
    /// <param name="budget">Time for all of it, in place of the recipe's steps: the steps that fit are worked out after the warm-up and again
    /// after every slice, the same number for all. Needs warmup_steps in the recipe. Null: the recipe's steps.</param>
    /// <param name="progress">Told after every step, one at a time.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>One run per architecture, in the order given.</returns>
    public ImmutableArray<ArchitectureRun> Run(int slices, TimeSpan? budget = null, IProgress<ComparisonProgress>? progress = null, CancellationToken cancellation = default)
    {
        var start = _time.GetTimestamp();
        AdvanceAll(0, progress, cancellation);
        var validation = _time.GetElapsedTime(start);
        var done = 0L;
        if (budget is not null)
        {
            done = Math.Max(1, _contenders[0].Session.Recipe.WarmupSteps ?? throw new InvalidOperationException("a comparison by time needs warmup_steps in the recipe"));
            AdvanceAll(done, progress, cancellation);
            EndAt(Fitting(slices));
        }
        for (var slice = 1; slice <= slices; slice++)
        {
            done += (TotalSteps - done) / (slices - slice + 1);
            AdvanceAll(done, progress, cancellation);
            if (budget is not null && slice < slices)
                EndAt(slice <= slices / 2 ? Fitting(slices - slice) : Math.Min(TotalSteps, Fitting(slices - slice))); // late on, a longer run would raise the learning rate again
        }
        return [.. _contenders.Select(c => c.Finish())];

        // Steps that fit the budget if steps and validations go on taking as long as they did.
        long Fitting(int slicesLeft)
        {
            var elapsed = _time.GetElapsedTime(start);
            var perStep = (elapsed - (validation * (1 + slices - slicesLeft))) / done;
            var left = budget.Value - elapsed - (validation * slicesLeft);
            return done + Math.Max(slicesLeft, perStep > TimeSpan.Zero && left > TimeSpan.Zero ? (long)(left / perStep) : 0);
        }
    }

    /// <summary>Trains every model up to a step and validates it, all at the same time.</summary>
    private void AdvanceAll(long until, IProgress<ComparisonProgress>? progress, CancellationToken cancellation) => SideBySide.Run([.. _contenders.Select(contender => (Action<CancellationToken>)(stop =>
    {
        while (contender.Session.StepCount < until)
        {
            stop.ThrowIfCancellationRequested();
            var step = contender.Session.Step();
            lock (_contenders)
                progress?.Report(new(_contenders.Sum(c => c.Session.StepCount), TotalSteps * _contenders.Count, contender.Architecture, step));
        }
        contender.Add(_validation.Measure(contender.Session.Model, stop));
    }))], cancellation);

    private void EndAt(long steps)
    {
        TotalSteps = steps;
        foreach (var contender in _contenders)
            contender.Session.EndAt(steps);
    }

    /// <summary>Saves each model as a run of its own, in a folder named after its architecture, so that it can be used and trained on.</summary>
    /// <param name="folder">Holds the runs.</param>
    /// <param name="prepared">What they were trained on.</param>
    /// <param name="recipe">What they were trained by.</param>
    /// <param name="environment">Where and how.</param>
    public void Save(string folder, PreparedRecipe prepared, Recipe recipe, RunEnvironment environment)
    {
        using var scope = NewDisposeScope();
        foreach (var (architecture, session) in _contenders.Select(c => (c.Architecture, c.Session)))
        {
            var run = RunFolder.Create(Path.Combine(folder, architecture), recipe with { Model = recipe.Model with { Architecture = architecture }, Training = session.Recipe }, prepared.TokenizersFolder);
            run.Record(environment);
            run.Checkpoints.Save(session.Model, session.Moments(), session.Capture(recipe.Seed, prepared.Fingerprint));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var contender in _contenders)
        {
            contender.Session.Dispose();
            contender.Session.Model.Dispose();
        }
    }

    private sealed record Contender(string Architecture, TrainingSession Session)
    {
        private readonly Dictionary<string, List<LossPoint>> _points = [];

        public void Add(ValidationLoss loss)
        {
            foreach (var (modality, value) in loss.ModalityLoss)
            {
                if (!_points.TryGetValue(modality, out var points))
                    _points[modality] = points = [];
                points.Add(new(Session.StepCount, Session.Flops, Session.Seconds, value));
            }
        }

        public ArchitectureRun Finish()
        {
            var count = ParameterCount.Of(Session.Model.Config);
            return new()
            {
                Architecture = Architecture,
                Parameters = count.Total,
                ActivatedParameters = count.Activated,
                NonEmbeddingParameters = count.ActivatedNonEmbedding,
                LearningRate = Session.Recipe.LearningRate,
                Steps = Session.StepCount,
                Tokens = Session.Tokens,
                Flops = Session.Flops,
                Seconds = Session.Seconds,
                Curves = [.. _points.Select(p => new LossCurve { Architecture = Architecture, Modality = new ModalityId(p.Key), Points = [.. p.Value] })],
            };
        }
    }
}
