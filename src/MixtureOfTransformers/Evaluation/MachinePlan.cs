namespace MixtureOfTransformers.Evaluation;

/// <summary>A <see cref="TrainingPlan"/> on one kind of machine.</summary>
internal sealed record MachinePlan
{
    /// <summary>The machine.</summary>
    public required PlanMachine Machine { get; init; }

    /// <summary>Memory needed on each device, bytes; on a processor with the copy for checkpoints.</summary>
    public required long NeededBytes { get; init; }

    /// <summary>Whether that is at most the share of the memory that <see cref="TrainingPlan.UsableShare"/> names.</summary>
    public required bool Fits { get; init; }

    /// <summary>Options that make it fit; null where it does, or where nothing was found.</summary>
    public string? Remedy { get; init; }

    /// <summary>Seconds of one step.</summary>
    public required double StepSeconds { get; init; }

    /// <summary>Seconds of the run.</summary>
    public required double Seconds { get; init; }

    /// <summary>Steps of the run; where the budget is time, those that fit.</summary>
    public required long Steps { get; init; }

    /// <summary>Price of the run on all devices, USD; null where the machine has none.</summary>
    public double? Cost { get; init; }
}
