using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>How an autoencoder is trained.</summary>
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

    /// <summary>What is trained, for messages.</summary>
    internal abstract string Subject { get; }

    internal virtual void ThrowIfInvalid()
    {
        Require("steps", Steps, Steps >= 1, "at least 1");
        Require("max_seconds", MaxSeconds ?? 1, MaxSeconds is null or > 0 and < double.PositiveInfinity, "positive");
        Require("batch_size", BatchSize, BatchSize is >= 1 and <= 65536, "from 1 to 65536");
        Require("learning_rate", LearningRate, LearningRate is > 0 and < double.PositiveInfinity, "positive");
    }

    private protected void Require(string name, double value, bool isValid, string limit)
    {
        if (!isValid)
            throw new ConfigException($"{Subject} training: {name} {value} must be {limit}");
    }
}
