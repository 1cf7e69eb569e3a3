using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Where and how a <see cref="Comparison"/> runs; nothing here changes its losses on the same device.</summary>
public sealed record ComparisonOptions
{
    /// <summary>Where to train.</summary><value>The CPU.</value>
    public Device Device { get; init; } = CPU;

    /// <summary>The clock.</summary><value>The system's.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>A display.</summary><value>None.</value>
    public IStages Stages { get; init; } = IStages.Silent;

    /// <summary>Folder of the prepared data; made there where missing.</summary><value><c>data</c> in the comparison's folder.</value>
    public string? DataFolder { get; init; }

    /// <summary>What <c>environment.json</c> of each run says was typed.</summary><value>The command line of this process.</value>
    public string CommandLine { get; init; } = Environment.CommandLine;

    /// <summary>Training time between two checkpoints of a run: what a kill may cost.</summary><value>20 seconds.</value>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(20);
}
