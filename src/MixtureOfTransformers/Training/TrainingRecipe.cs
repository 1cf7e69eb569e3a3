using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>How a model is trained.</summary>
public sealed record TrainingRecipe
{
    private const long DefaultSteps = 1000;
    private const double WarmupStepsOfTimedRuns = 50;

    /// <summary>Tokens per row.</summary><value>256.</value>
    public int SequenceLength { get; init; } = 256;

    /// <summary>Rows per micro-batch.</summary><value>8.</value>
    public int BatchRows { get; init; } = 8;

    /// <summary>Micro-batches per step; their gradients add up before one update.</summary><value>1.</value>
    public int Accumulation { get; init; } = 1;

    /// <summary>Steps of the run.</summary><value>1000, unless <see cref="Minutes"/> is given.</value>
    public long? Steps { get; init; }

    /// <summary>Minutes of training, in place of steps; validation and saving are not counted. The schedule then follows the share of the time that has passed, so that
    /// two such runs differ in their last digits.</summary>
    public double? Minutes { get; init; }

    /// <summary>Peak learning rate.</summary><value>0.001.</value>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Factor of the learning rate by modality, such as <c>{"text": 0}</c>, which leaves the text tower, the embeddings and the head as they are while the image tower learns.</summary><value>Empty: 1
    /// for all.</value>
    public ImmutableSortedDictionary<string, double> LearningRateFactors { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Learning rate at the end.</summary><value>A twentieth of the peak, as in the paper.</value>
    public double? MinLearningRate { get; init; }

    /// <summary>Steps to reach the peak.</summary><value>A twentieth of the steps; 50 where the budget is minutes.</value>
    public long? WarmupSteps { get; init; }

    /// <summary>Shape of the learning rate after the warm-up.</summary><value>Cosine.</value>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Decoupled weight decay.</summary><value>0.1.</value>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Whether norms decay too.</summary><value>False: matrices only.</value>
    public bool DecayAll { get; init; }

    /// <summary>Adam's two decay rates.</summary><value>0.9 and 0.95.</value>
    public double[] Betas { get; init; } = [0.9, 0.95];

    /// <summary>Adam's ε.</summary><value>1e-8.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Limit on the norm of the gradient.</summary><value>1.</value>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>Weight of the z-loss, log² Z; Chameleon uses 1e-5.</summary><value>0: none.</value>
    public double ZLoss { get; init; }

    /// <summary>Number format of activations.</summary><value>fp32.</value>
    public ComputeType Compute { get; init; } = ComputeType.Fp32;

    /// <summary>Whether backward runs each layer again in place of keeping its activations: less memory, a third more FLOPs, the same numbers.</summary><value>False.</value>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Whether fp32 products on a GPU may round their inputs to TF32: 10 bits after the point in place of 23, several times as fast. A setting of the whole process.</summary><value>False: exact fp32.</value>
    public bool AllowTf32 { get; init; }

    /// <summary>Steps between validations.</summary><value>100; 0 for none but those of checkpoints.</value>
    public long ValidateEvery { get; init; } = 100;

    /// <summary>Batches of a validation.</summary><value>8.</value>
    public int ValidationBatches { get; init; } = 8;

    /// <summary>Steps between checkpoints; there is always one at the end.</summary><value>500; 0 for none but the last.</value>
    public long CheckpointEvery { get; init; } = 500;

    /// <summary>Newest checkpoints to keep; the best is kept besides.</summary><value>2.</value>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between lines in <c>metrics.jsonl</c>.</summary><value>10.</value>
    public long LogEvery { get; init; } = 10;

    /// <summary>What to do about sudden rises of the loss.</summary>
    public SpikeGuardRecipe SpikeGuard { get; init; } = new();

    /// <summary>Steps of the run; null where the budget is time.</summary>
    [JsonIgnore]
    public long? TotalSteps => Minutes is null ? Steps ?? DefaultSteps : null;

    /// <summary>Tokens of one optimizer step, padding included.</summary>
    [JsonIgnore]
    public long TokensPerStep => (long)BatchRows * SequenceLength * Accumulation;

    /// <summary>The learning-rate schedule.</summary>
    [JsonIgnore]
    public LearningRateSchedule LearningRateSchedule =>
        new(Schedule, LearningRate, MinLearningRate ?? (LearningRate / 20), WarmupSteps ?? (Minutes is null ? (double?)null : WarmupStepsOfTimedRuns));

    /// <summary>The optimizer's constants.</summary>
    [JsonIgnore]
    public AdamWOptions Optimizer => new() { Beta1 = Betas[0], Beta2 = Betas[1], Epsilon = Epsilon, WeightDecay = WeightDecay, DecayAll = DecayAll };

    /// <summary>torch's name of <see cref="Compute"/>.</summary>
    [JsonIgnore]
    public ScalarType ComputeScalarType => Compute == ComputeType.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>This recipe, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public TrainingRecipe Validate()
    {
        Require(Steps is null || Minutes is null, $"steps {Steps} and minutes {Minutes} are both given; give one of them");
        Require(Steps is not < 1 && Minutes is not <= 0, $"steps {Steps} or minutes {Minutes} must be positive");
        Require(SequenceLength >= 2, $"sequence_length {SequenceLength} must be at least 2");
        Require(BatchRows >= 1 && Accumulation >= 1, $"batch_rows {BatchRows} and accumulation {Accumulation} must be at least 1");
        Require(LearningRate > 0, $"learning_rate {LearningRate} must be positive");
        Require(LearningRateFactors.Values.All(f => f >= 0 && double.IsFinite(f)), $"learning_rate_factors {string.Join(", ", LearningRateFactors)} must not be negative; 0 freezes a tower");
        Require(MinLearningRate is null || (MinLearningRate >= 0 && MinLearningRate <= LearningRate), $"min_learning_rate {MinLearningRate} must lie between 0 and learning_rate {LearningRate}");
        Require(WarmupSteps is not < 0 && !(WarmupSteps >= TotalSteps), $"warmup_steps {WarmupSteps} must be at least 0 and below steps {TotalSteps}");
        Require(WeightDecay >= 0, $"weight_decay {WeightDecay} must not be negative");
        Require(Betas.Length == 2 && Betas.All(b => b is >= 0 and < 1), $"betas [{string.Join(", ", Betas)}] must be two numbers of at least 0 and below 1");
        Require(Epsilon > 0, $"epsilon {Epsilon} must be positive");
        Require(MaxGradNorm > 0, $"max_grad_norm {MaxGradNorm} must be positive; give a large number to turn clipping off");
        Require(ZLoss >= 0, $"z_loss {ZLoss} must not be negative");
        Require(ValidateEvery >= 0 && CheckpointEvery >= 0, $"validate_every {ValidateEvery} and checkpoint_every {CheckpointEvery} must not be negative; 0 turns them off");
        Require(ValidationBatches >= 1 && KeepCheckpoints >= 1 && LogEvery >= 1, $"validation_batches {ValidationBatches}, keep_checkpoints {KeepCheckpoints} and log_every {LogEvery} must be at least 1");
        SpikeGuard.Validate();
        return this;
    }

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new ConfigException(problem);
    }
}
