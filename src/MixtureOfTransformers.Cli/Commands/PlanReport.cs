using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot plan --json</c> tells. Bytes are of one device.</summary>
internal sealed record PlanReport
{
    public required string Model { get; init; }
    public required int Towers { get; init; }
    public required long Parameters { get; init; }
    public required long ActivatedParameters { get; init; }
    public required int Devices { get; init; }
    public required string Sharding { get; init; }
    public required string Compute { get; init; }
    public required bool ActivationCheckpointing { get; init; }
    public required int BatchRows { get; init; }
    public required int SequenceLength { get; init; }
    public required long TokensPerStep { get; init; }
    public long? Tokens { get; init; }
    public double? SecondsBudget { get; init; }
    public required double FlopsPerToken { get; init; }
    public required ImmutableSortedDictionary<string, long> MemoryBytes { get; init; }
    public required long TotalBytes { get; init; }
    public required long CheckpointCopyBytes { get; init; }
    public required ImmutableSortedDictionary<string, long> LayerActivationBytesPerToken { get; init; }
    public required ImmutableArray<PlanReportMachine> Machines { get; init; }
    public required ImmutableArray<string> Assumptions { get; init; }

    public static PlanReport Of(string name, TrainingPlan plan, IEnumerable<MachinePlan> machines)
    {
        var (count, settings, memory) = (ParameterCount.Of(plan.Config), plan.Settings, plan.Memory);
        return new()
        {
            Model = name,
            Towers = plan.Config.TowerCount,
            Parameters = count.Total,
            ActivatedParameters = count.Activated,
            Devices = settings.DeviceCount,
            Sharding = settings.Sharding.ToString().ToLowerInvariant(),
            Compute = settings.Bf16 ? "bf16" : "fp32",
            ActivationCheckpointing = settings.ActivationCheckpointing,
            BatchRows = settings.RowCount,
            SequenceLength = settings.SequenceLength,
            TokensPerStep = plan.TokensPerStep,
            Tokens = plan.Tokens,
            SecondsBudget = plan.SecondsBudget,
            FlopsPerToken = plan.FlopsPerToken,
            MemoryBytes = memory.Lines.ToImmutableSortedDictionary(line => line.Name, line => line.Bytes),
            TotalBytes = memory.Total,
            CheckpointCopyBytes = memory.CheckpointCopy,
            LayerActivationBytesPerToken = ActivationMemory.PerLayer(plan.Config).ToImmutableSortedDictionary(term => term.Name, term => term.BytesPerToken(settings.ComputeBytes)),
            Machines = [.. machines.Select(machine => PlanReportMachine.Of(machine, settings))],
            Assumptions = PlanText.Assumptions,
        };
    }
}

/// <summary>The plan on one kind of machine; memory, peak and price are of one device.</summary>
internal sealed record PlanReportMachine(string Name, string Title, long MemoryBytes, long NeededBytes, bool Fits, string? Remedy, double PeakFlopsPerSecond, double Utilisation,
    double StepSeconds, double Seconds, long Steps, double? PricePerHour, string? PriceSource, double? CostUsd)
{
    public static PlanReportMachine Of(MachinePlan plan, MemorySettings settings) => new(plan.Machine.Name, plan.Machine.Title, plan.Machine.MemoryBytes, plan.NeededBytes, plan.Fits, plan.Remedy,
        plan.Machine.Peak(settings.Bf16), plan.Machine.Utilisation, plan.StepSeconds, plan.Seconds, plan.Steps, plan.Machine.PricePerHour, plan.Machine.PriceSource, plan.Cost);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(PlanReport))]
internal sealed partial class PlanJson : JsonSerializerContext;
