using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>How a tokenizer with a codebook is trained.</summary>
public abstract record TokenizerTrainingOptions
{
    /// <summary>Optimizer steps, at most.</summary>
    public int Steps { get; init; }

    /// <summary>Seconds, at most; the schedule follows whichever limit is nearer, so that a run with a time limit does not repeat exactly.</summary><value>Default: no limit.</value>
    public double? MaxSeconds { get; init; }

    /// <summary>Examples per step. Small batches give more steps, which matters more in a short training.</summary>
    public int BatchSize { get; init; }

    /// <summary>Highest learning rate of AdamW; constant at first, then half a cosine wave down.</summary><value>Default: 0.002.</value>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Weight of the term that pulls the encoder towards its codes.</summary><value>Default: 0.25.</value>
    public double CommitmentWeight { get; init; } = 0.25;

    /// <summary>Decay per step of the running averages that are the codebook.</summary><value>Default: 0.99.</value>
    public double CodebookDecay { get; init; } = 0.99;

    /// <summary>What is trained, for messages.</summary>
    internal abstract string Subject { get; }

    internal void ThrowIfInvalid()
    {
        Require("steps", Steps, Steps >= 1, "at least 1");
        Require("max_seconds", MaxSeconds ?? 1, MaxSeconds is null or > 0 and < double.PositiveInfinity, "positive");
        Require("batch_size", BatchSize, BatchSize is >= 1 and <= 65536, "from 1 to 65536");
        Require("learning_rate", LearningRate, LearningRate is > 0 and < double.PositiveInfinity, "positive");
        Require("commitment_weight", CommitmentWeight, CommitmentWeight is >= 0 and < 100, "from 0 to 100");
        Require("codebook_decay", CodebookDecay, CodebookDecay is > 0 and < 1, "between 0 and 1");
    }

    private void Require(string name, double value, bool isValid, string limit)
    {
        if (!isValid)
            throw new ConfigException($"{Subject} training: {name} {value} must be {limit}");
    }
}
