using System.CommandLine;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>The arguments of <c>mot plan</c>, and what they mean together.</summary>
internal sealed class PlanOptions(CliConsole console)
{
    private const string CpuName = "cpu", AllNames = "all";
    private static readonly string[] GpuNames = [.. PlanMachine.Gpus.Select(gpu => gpu.Name)];

    private readonly Argument<string> _subject = new("recipe") { HelpName = "recipe|preset", Description = "A recipe, or a preset with the paper's batch and steps (see mot inspect --help for their names)" };
    private readonly Option<string?> _architecture = ArchitectureOption.Create("Which model, in place of the recipe's, or of mot");
    private readonly Option<int> _devices = new("--devices") { Description = "Devices that train together", DefaultValueFactory = _ => 1 };
    private readonly Option<Sharding> _shard = new("--shard")
    {
        Description = "What they divide among themselves: nothing, Adam's moments (ZeRO 1), gradients too (ZeRO 2), weights too (ZeRO 3, FSDP)",
        HelpName = "none|optimizer|gradients|full",
    };
    private readonly Option<string[]> _machines = new("--machine")
    {
        Description = "Where; cpu measures this machine for a second. May be repeated. Default: a100 h100 h200",
        HelpName = string.Join('|', [CpuName, .. GpuNames, AllNames]),
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<double?> _tokens = new("--tokens") { Description = "Tokens of the run, for instance 3.8e11; default: the recipe's or the paper's" };
    private readonly Option<int?> _rows = new("--batch-rows") { Description = "Rows of a micro-batch on each device; default: the recipe's or the paper's" };
    private readonly Option<int?> _length = new("--sequence-length") { Description = "Tokens per row; default: the recipe's or the paper's" };
    private readonly Option<ComputeType?> _compute = new("--compute") { Description = "Number format of activations; default: the recipe's, or bf16", HelpName = "bf16|fp32" };
    private readonly Option<bool> _checkpointing = new("--checkpoint-activations") { Description = "Run each layer again in backward in place of keeping its activations" };
    private readonly Option<double?> _price = new("--price-per-hour") { Description = "USD for one device and hour, in place of the assumed price" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_subject);
        foreach (var option in new Option[] { _architecture, _devices, _shard, _machines, _tokens, _rows, _length, _compute, _checkpointing, _price })
            command.Options.Add(option);
    }

    /// <summary>What is planned, in the user's word.</summary>
    public string Subject(ParseResult parsed) => parsed.GetValue(_subject)!;

    /// <summary>The plan.</summary>
    public TrainingPlan Plan(ParseResult parsed)
    {
        var subject = PlanSubject.Of(Subject(parsed), parsed.GetValue(_architecture));
        var training = subject.Training;
        var length = Positive(_length, parsed.GetValue(_length)) ?? training.SequenceLength;
        var rows = Positive(_rows, parsed.GetValue(_rows)) ?? training.BatchRows;
        var devices = Positive<int>(_devices, parsed.GetValue(_devices))!.Value;
        var tokensPerStep = subject.TokensPerStep ?? ((long)rows * length * training.Accumulation * devices);
        var tokens = (long?)Positive(_tokens, parsed.GetValue(_tokens)) ?? (training.TotalSteps * (subject.TokensPerStep ?? training.TokensPerStep));
        return new()
        {
            Config = subject.ToConfig(length),
            Settings = new()
            {
                RowCount = rows,
                SequenceLength = length,
                Bf16 = (parsed.GetValue(_compute) ?? training.Compute) == ComputeType.Bf16,
                ActivationCheckpointing = parsed.GetValue(_checkpointing) || training.ActivationCheckpointing,
                DeviceCount = devices,
                Sharding = parsed.GetValue(_shard),
            },
            TokensPerStep = tokensPerStep,
            Tokens = tokens,
            SecondsBudget = tokens is null ? 60 * training.Minutes : null,
        };
    }

    /// <summary>The machines; measures the processor where it is among them.</summary>
    public IReadOnlyList<PlanMachine> Machines(ParseResult parsed, CancellationToken cancellation)
    {
        var given = parsed.GetValue(_machines)!;
        var names = (given.Length == 0 ? GpuNames : given).SelectMany(name => name == AllNames ? [.. GpuNames, CpuName] : (string[])[name]).Distinct().ToArray();
        if (names.FirstOrDefault(name => name != CpuName && !GpuNames.Contains(name)) is { } unknown)
            throw new UsageException($"{_machines.Name} {unknown} must be one of {string.Join(", ", [CpuName, .. GpuNames, AllNames])}");
        var price = Positive(_price, parsed.GetValue(_price));
        return [.. names.Select(name => name == CpuName ? ThisMachine(cancellation) : PlanMachine.Gpus.Single(gpu => gpu.Name == name))
            .Select(machine => price is null ? machine : machine with { PricePerHour = price, PriceSource = "as given" })];
    }

    private PlanMachine ThisMachine(CancellationToken cancellation)
    {
        NativeRuntime.EnsureLoaded();
        var (cpu, memory) = (CpuInfo.Read(), MemoryInfo.Read());
        return PlanMachine.Cpu($"{cpu.Model}, {cpu.UsableCores} cores", memory.AvailableBytes, ComputeRates.Measure(memory, console.Time, cancellation));
    }

    private static T? Positive<T>(Option option, T? value) where T : struct, IComparable<T> =>
        value is null || value.Value.CompareTo(default) > 0 ? value : throw new UsageException($"{option.Name} {value} must be positive");
}
