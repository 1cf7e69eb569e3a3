using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>A model in training: weights, optimizer, place in the data and totals, advanced one step at a time. <see cref="Trainer"/> runs one to its end;
/// a comparison takes turns between two.</summary>
/// <remarks>Not thread-safe; all steps on one thread.</remarks>
public sealed class TrainingSession : IDisposable
{
    private readonly IBatchSource _batches;
    private readonly TimeProvider _time;
    private readonly IObjective _objective;
    private readonly LearningRateSchedule _schedule;
    private readonly FlatParameters _parameters;
    private readonly AdamW _optimizer;
    private readonly SpikeGuard _guard;
    private readonly long _seed;

    /// <summary>Starts at step 0.</summary>
    /// <param name="model">The model, in place on its device; its parameters move into flat buffers, and <see cref="MotModel.ActivationCheckpointing"/> is set as the recipe says. Stays the caller's.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The training data; stays the caller's.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="seed">Of the run, for noise on images and on the experts' scores; see <see cref="ExpertChoice.GumbelNoise"/>.</param>
    public TrainingSession(MotModel model, TrainingRecipe recipe, IBatchSource batches, TimeProvider? time = null, long seed = 0)
    {
        (Model, Recipe, _batches, _time, _seed) = (model, recipe.Validate(), batches, time ?? TimeProvider.System, seed);
        _objective = Objective.Of(model.Config, recipe.ZLoss);
        _schedule = recipe.LearningRateSchedule;
        _guard = new(recipe.SpikeGuard);
        model.ActivationCheckpointing = recipe.ActivationCheckpointing;
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (recipe.AllowTf32, recipe.AllowTf32);
        _parameters = new(model);
        _optimizer = new(_parameters, recipe.Optimizer, recipe.LearningRateFactors.Count == 0 ? [] : ModalityRates.Of(_parameters, model.Config, recipe.LearningRateFactors));
    }

    /// <summary>The model.</summary>
    public MotModel Model { get; }

    /// <summary>How it is trained.</summary>
    public TrainingRecipe Recipe { get; private set; }

    /// <summary>Steps done.</summary>
    public long StepCount { get; private set; }

    /// <summary>Tokens trained on.</summary>
    public long Tokens { get; private set; }

    /// <summary>Matmul FLOPs of training, forward and backward.</summary>
    public double Flops { get; private set; }

    /// <summary>Seconds spent in steps.</summary>
    public double Seconds { get; private set; }

    /// <summary>Learning rate of the last step.</summary>
    public double LearningRate { get; private set; }

    /// <summary>The done share of the recipe's steps or minutes, 0 to 1.</summary>
    public double Progress => Math.Min(1, Recipe.TotalSteps is { } steps ? (double)StepCount / steps : Seconds / (60 * Recipe.Minutes!.Value));

    /// <summary>Whether the recipe's steps or minutes are used up.</summary>
    public bool IsComplete => Progress >= 1;

    /// <summary>Trains on the next batches of the data.</summary>
    /// <exception cref="DivergedException">The loss or the gradient is not finite, or the spike guard gives up; the weights are those of the last step.</exception>
    public StepMetrics Step()
    {
        var start = _time.GetTimestamp();
        return Step([.. Enumerable.Range(0, Recipe.Accumulation).Select(_ => _batches.Next())], start);
    }

    /// <summary>Trains on these micro-batches as if they were one large batch: each gradient is divided by the targets of all.</summary>
    /// <exception cref="DivergedException">The loss or the gradient is not finite, or the spike guard gives up; the weights are those of the last step.</exception>
    public StepMetrics Step(IReadOnlyList<Batch> microbatches) => Step(microbatches, _time.GetTimestamp());

    /// <summary>Moves the end of the run; the learning rate follows the schedule to the new end.</summary>
    /// <param name="steps">At least the steps done.</param>
    public void EndAt(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, StepCount);
        Recipe = Recipe with { Steps = steps, Minutes = null };
    }

    /// <summary>The optimizer's moments by name, for checkpoints: views, owned by the caller's scope.</summary>
    public IReadOnlyDictionary<string, Tensor> Moments() => _parameters.Views(_optimizer.FirstMoments).Select(m => KeyValuePair.Create($"first.{m.Key}", m.Value))
        .Concat(_parameters.Views(_optimizer.SecondMoments).Select(m => KeyValuePair.Create($"second.{m.Key}", m.Value))).ToDictionary();

    /// <summary>The state of the session, without what only the run knows.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="tokenizerFingerprint">Of the tokenizers that made the data.</param>
    public CheckpointState Capture(long seed, string tokenizerFingerprint) => new()
    {
        Step = StepCount,
        Updates = _optimizer.StepCount,
        Position = _batches.Position,
        Seed = seed,
        TokenizerFingerprint = tokenizerFingerprint,
        LearningRate = LearningRate,
        Tokens = Tokens,
        Flops = Flops,
        Seconds = Seconds,
        Spikes = _guard.Statistics,
    };

    /// <summary>Goes on where a checkpoint was made: weights, moments, place in the data, totals.</summary>
    /// <exception cref="MotException">The checkpoint is of another model.</exception>
    public void Restore(Checkpoint checkpoint)
    {
        checkpoint.RequireConfig(Model.Config);
        using var scope = NewDisposeScope();
        checkpoint.LoadWeights(Model);
        checkpoint.LoadMoments(Moments());
        var state = checkpoint.State;
        (_optimizer.StepCount, _batches.Position, _guard.Statistics) = (state.Updates, state.Position, state.Spikes);
        (StepCount, Tokens, Flops, Seconds, LearningRate) = (state.Step, state.Tokens, state.Flops, state.Seconds, state.LearningRate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _parameters.Dispose();
    }

    private StepMetrics Step(IReadOnlyList<Batch> microbatches, long start)
    {
        using var scope = NewDisposeScope();
        var targets_M = new long[Model.Config.Modalities.Length]; // of the whole step
        foreach (var batch in microbatches)
            Add(targets_M, _objective.Count(Model, batch));
        if (targets_M.Sum() == 0)
            throw new MotException($"step {StepCount + 1} has no token to predict; the data are empty, or sequence_length or batch_rows is too small for them");
        var sums_M = zeros(Model.Config.Modalities.Length, ScalarType.Float32, Model.Device);
        var counts = new long[Model.Config.Modalities.Length];
        foreach (var batch in microbatches)
        {
            using var microbatch = NewDisposeScope();                          // activations die here
            var seed = (long)new SeededRandom(_seed, Tokens, counts.Sum()).NextBits(); // another one for every micro-batch, the same after a resume
            Model.NoiseSeed = (ulong)seed;
            var loss = _objective.Compute(Model, batch, targets_M, seed);
            loss.Total.backward();
            BackwardFailure.ThrowIfAny();
            sums_M.add_(loss.PerModality);
            Add(counts, loss.Counts);
        }
        Model.NoiseSeed = null;
        _optimizer.DropFrozenGradients();
        var norm = _parameters.GradientNorm();
        var host = cat([sums_M, norm.reshape(1)]).to(ScalarType.Float64).cpu().data<double>().ToArray(); // the step's only wait for the device
        var tally = new LossTally(host[..^1], counts);
        var mean = _objective.Mean(host[..^1], counts);
        var accepted = Guard(mean, host[^1]);
        LearningRate = _schedule.At(StepCount, Recipe.TotalSteps ?? (Progress > 0 ? StepCount / Progress : double.PositiveInfinity));
        if (accepted)
            _optimizer.Step(LearningRate, FlatParameters.ClipScale(host[^1], Recipe.MaxGradNorm));
        Count(microbatches, start);
        return new()
        {
            Step = StepCount,
            Tokens = Tokens,
            Flops = Flops,
            Seconds = Seconds,
            LearningRate = LearningRate,
            GradNorm = host[^1],
            Loss = mean,
            ModalityLoss = tally.PerModality(Model.Config.Modalities),
            Skipped = !accepted,
        };
    }

    /// <summary>Decides on the update before anything changes; where there is none, the gradients are dropped.</summary>
    private bool Guard(double loss, double norm)
    {
        var finite = double.IsFinite(loss) && double.IsFinite(norm);
        if (finite && _guard.Accepts(loss))
            return true;
        using (no_grad())
            _parameters.Gradients.zero_();
        if (!finite)
            throw new DivergedException(StepCount + 1, $"step {StepCount + 1}: the loss is {loss:g4} and the norm of the gradient {norm:g4}; "
                + "lower learning_rate, lengthen warmup_steps, or compute in fp32");
        if (_guard.IsExhausted)
            throw new DivergedException(StepCount + 1, $"step {StepCount + 1}: the loss {loss:f3} is the last of {_guard.Statistics.SkippedInARow} spikes in a row, the mean before was {_guard.Mean:f3}. "
                + "Look at the data there, lower learning_rate, or raise z_score or patience of spike_guard");
        return false;
    }

    private static void Add(long[] sums, long[] counts)
    {
        for (var m = 0; m < sums.Length; m++)
            sums[m] += counts[m];
    }

    private long TokensOf(int tower, Batch batch)
    {
        var towers = Model.Config.EffectiveTowers;
        return batch.Modalities.LongCount(modality => towers[modality] == tower);
    }

    private void Count(IReadOnlyList<Batch> microbatches, long start)
    {
        foreach (var batch in microbatches)
        {
            var tokens = (long)batch.RowCount * batch.Length;
            Tokens += tokens;
            if (batch.Images is { } images)
                Flops += 3.0 * images.PatchCount * (Models.Flops.PatchProjections(Model.Config) - Models.Flops.PerToken(Model.Config, 1).Head);
            for (var tower = 0; tower < Model.Config.TowerCount; tower++)
                Flops += TokensOf(tower, batch) * Models.Flops.PerToken(Model.Config, (double)batch.AttendedPairs / tokens, tower).Training;
        }
        StepCount++;
        Seconds += _time.GetElapsedTime(start).TotalSeconds;
    }
}
