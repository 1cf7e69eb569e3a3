namespace MixtureOfTransformers.Batching;

/// <summary>An endless, deterministic stream of batches that can be stopped and taken up again at the same place.</summary>
public interface IBatchSource
{
    /// <summary>Where the next batch begins. Setting it moves the stream there.</summary>
    StreamPosition Position { get; set; }

    /// <summary>Makes the next batch and moves on.</summary>
    Batch Next();
}
