using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class TrainingPlanTests
{
    private static readonly PlanMachine Machine = new("test", "a machine", 80_000_000_000, PeakBf16: 1e15, PeakFp32: 1e14, Utilisation: 0.5, PricePerHour: 2, PriceSource: "made up");

    private static readonly TrainingPlan Plan = new()
    {
        Config = ModelPresets.Get("443m"),
        Settings = new() { RowCount = 6, SequenceLength = 4096, Bf16 = true, DeviceCount = 4 },
        TokensPerStep = 98_304,
        Tokens = 983_040,
    };

    [Fact]
    public void TimeIsFlopsOverTheReachedSpeedOfAllDevicesAndCostFollows()
    {
        var flops = 983_040 * Flops.PerTokenCausal(Plan.Config, 4096).Training;
        var on = Plan.On(Machine);
        Assert.Equal(flops / (0.5e15 * 4), on.Seconds, 1e-9);
        Assert.Equal(on.Seconds / 10, on.StepSeconds, 1e-9);
        Assert.Equal(10, on.Steps);
        Assert.Equal(on.Seconds / 3600 * 4 * 2, on.Cost!.Value, 1e-9);
        Assert.Equal(10 * on.Seconds, (Plan with { Settings = Plan.Settings with { Bf16 = false } }).On(Machine).Seconds, 1e-9);
        Assert.Null(Plan.On(Machine with { PricePerHour = null }).Cost);
    }

    [Fact]
    public void CheckpointingRunsTheLayersForwardOnceMore()
    {
        var flops = Flops.PerTokenCausal(Plan.Config, 4096);
        Assert.Equal((4 * flops.Projections) + (4 * flops.Attention) + (3 * flops.Head), (Plan with { Settings = Plan.Settings with { ActivationCheckpointing = true } }).FlopsPerToken, 1);
    }

    [Fact]
    public void ABudgetOfTimeTellsTheStepsThatFit()
    {
        var step = Plan.On(Machine).StepSeconds;
        var on = (Plan with { Tokens = null, SecondsBudget = 7.5 * step }).On(Machine);
        Assert.Equal(7, on.Steps);
        Assert.Equal(7.5 * step, on.Seconds);
    }

    [Fact]
    public void ATenthOfTheMemoryStaysFree()
    {
        var needed = Plan.Memory.Total;
        Assert.True(Plan.On(Machine with { MemoryBytes = (needed * 10 / 9) + 10 }).Fits);
        Assert.False(Plan.On(Machine with { MemoryBytes = (needed * 10 / 9) - 10 }).Fits);
    }

    [Fact]
    public void OnAProcessorTheCopyForCheckpointsCounts()
    {
        var cpu = PlanMachine.Cpu("a processor", Machine.MemoryBytes, new(100, 200, 10));
        Assert.Equal(Plan.Memory.Total + Plan.Memory.CheckpointCopy, Plan.On(cpu).NeededBytes);
        Assert.Equal((200e9, 100e9), (cpu.Peak(bf16: true), cpu.Peak(bf16: false)));
    }

    [Fact]
    public void TheRemedyIsTheSmallestChangeThatFits()
    {
        var settings = Plan.Settings;
        Assert.Null(Plan.On(Machine).Remedy);
        Assert.Equal("--checkpoint-activations", RemedyAt(settings with { ActivationCheckpointing = true }));
        Assert.Equal("--checkpoint-activations --batch-rows 1", RemedyAt(settings with { ActivationCheckpointing = true, RowCount = 1 }));
        Assert.Equal("--shard full --checkpoint-activations --batch-rows 1", RemedyAt(settings with { ActivationCheckpointing = true, RowCount = 1, Sharding = Sharding.Full }));
        Assert.Equal("--devices 8 --shard full --checkpoint-activations --batch-rows 1", RemedyAt(settings with { ActivationCheckpointing = true, RowCount = 1, Sharding = Sharding.Full, DeviceCount = 8 }));
        Assert.Null(Plan.On(Machine with { MemoryBytes = 1 }).Remedy);

        string? RemedyAt(MemorySettings just) => Plan.On(Machine with { MemoryBytes = (MemoryEstimate.Of(Plan.Config, just).Total * 10 / 9) + 10 }).Remedy;
    }
}
