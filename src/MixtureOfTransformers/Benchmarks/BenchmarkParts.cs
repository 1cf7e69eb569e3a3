namespace MixtureOfTransformers.Benchmarks;

/// <summary>What to measure.</summary>
[Flags]
internal enum BenchmarkParts
{
    /// <summary>Training steps.</summary>
    Training = 1,

    /// <summary>Prefill and decoding.</summary>
    Decode = 2,

    /// <summary>The operations of a training step, each alone.</summary>
    Profile = 4,
}
