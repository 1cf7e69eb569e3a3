using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What a training run would take in memory, time and money, from its configuration alone.</summary>
/// <remarks>Time is FLOPs over the speed assumed for a machine. Communication between devices, validation and checkpoints are not counted.</remarks>
internal sealed record TrainingPlan
{
    /// <summary>Share of a device's memory that the estimate may fill; the rest is for what it does not count.</summary>
    public const double UsableShare = 0.9;

    /// <summary>The model.</summary>
    public required MotConfig Config { get; init; }

    /// <summary>Micro-batch, number format, devices.</summary>
    public required MemorySettings Settings { get; init; }

    /// <summary>Tokens of one optimizer step over all devices.</summary>
    public required long TokensPerStep { get; init; }

    /// <summary>Tokens of the run; null where its budget is time.</summary>
    public long? Tokens { get; init; }

    /// <summary>Seconds of the run where its budget is time.</summary>
    public double? SecondsBudget { get; init; }

    /// <summary>Memory on each device.</summary>
    public MemoryEstimate Memory => MemoryEstimate.Of(Config, Settings);

    /// <summary>FLOPs of a token, forward and backward, in causal sequences; checkpointing adds a second forward pass of the layers.</summary>
    public double FlopsPerToken
    {
        get
        {
            var flops = Flops.PerTokenCausal(Config, Settings.SequenceLength);
            return flops.Training + (Settings.ActivationCheckpointing ? flops.Projections + flops.Attention : 0);
        }
    }

    /// <summary>The plan on machines of one kind.</summary>
    public MachinePlan On(PlanMachine machine)
    {
        var step = TokensPerStep * FlopsPerToken / (machine.ReachedFlops(Settings.Bf16) * Settings.DeviceCount);
        var steps = Tokens is { } tokens ? (long)Math.Ceiling((double)tokens / TokensPerStep) : (long)(SecondsBudget!.Value / step);
        var seconds = SecondsBudget ?? (Tokens!.Value * step / TokensPerStep);
        var fits = Fits(Settings, machine);
        return new()
        {
            Machine = machine,
            NeededBytes = Needed(Settings, machine),
            Fits = fits,
            Remedy = fits ? null : PlanRemedy.For(Settings, changed => Fits(changed, machine)),
            StepSeconds = step,
            Seconds = seconds,
            Steps = steps,
            Cost = machine.PricePerHour * Settings.DeviceCount * seconds / 3600,
        };
    }

    private bool Fits(MemorySettings settings, PlanMachine machine) => Needed(settings, machine) <= UsableShare * machine.MemoryBytes;

    private long Needed(MemorySettings settings, PlanMachine machine)
    {
        var memory = MemoryEstimate.Of(Config, settings);
        return memory.Total + (machine.IsHost ? memory.CheckpointCopy : 0);
    }
}
