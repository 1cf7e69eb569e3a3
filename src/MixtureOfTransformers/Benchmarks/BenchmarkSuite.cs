using MixtureOfTransformers.Models;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using TorchSharp;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Everything that <c>mot bench</c> measures, in one process: the machine's peaks before, between and after, and each shape in each number format.</summary>
/// <param name="options">What, and for how long.</param>
/// <param name="stages">Shows progress.</param>
/// <param name="time">The clock.</param>
internal sealed class BenchmarkSuite(BenchmarkOptions options, IStages stages, TimeProvider time)
{
    private const double TrainingWeight = 3, DecodeWeight = 1, ProfileWeight = 3;

    /// <summary>Measures; on the CPU with as many threads as libtorch is set to.</summary>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <exception cref="ConfigException">There is no preset of one of the names.</exception>
    public BenchmarkReport Run(CancellationToken cancellation)
    {
        var shapes = options.Presets.SelectMany(name => options.ComputeTypes.Select(type => (Name: name, Shape: new BenchmarkShape(ModelPresets.Get(name), type)))).ToList();
        var start = time.GetTimestamp();
        var machine = MachineReport.Measure(time, cancellation);
        if (machine.Rates is null)
            throw new MotException($"libtorch does not load: {machine.Native.Error}; see mot doctor");
        var device = torch.device(options.Device);
        var peaks = new PeakSamples(() => device.type == DeviceType.CPU ? ComputeRates.Measure(MemoryInfo.Read(), time, cancellation) : DeviceRates.Measure(device, time, cancellation));
        var shares = new TimeShares(options.Time, shapes.Sum(s => Parts().Sum(part => Weight(part, s.Shape))), time);
        var results = new List<BenchmarkResult>();
        var profile = new List<ProfileLine>();
        foreach (var (name, shape) in shapes)
        {
            foreach (var part in Parts())
            {
                stages.Run($"{name} {shape.ComputeType} {part}".ToLowerInvariant(), 1, report =>
                {
                    Measure(part, shape, shares.Next(Weight(part, shape)), report);
                    return true;
                });
                peaks.Add();
            }
        }
        return new()
        {
            Machine = machine with { Rates = peaks.Rates },
            Device = device.ToString(),
            Gpu = GpuInfo.NameOf(device),
            MemoryGbPerSecond = peaks.Rates.MemoryGbPerSecond,
            BatchRows = options.RowCount,
            SequenceLength = options.Length,
            Seconds = time.GetElapsedTime(start).TotalSeconds,
            Results = [.. options.ComputeTypes.Select(peaks.Result), .. results.Select(peaks.Compare)],
            Profile = [.. profile],
        };

        void Measure(BenchmarkParts part, BenchmarkShape shape, TimeSpan share, Action<double, string?> report)
        {
            RoundLimit Limit(double cut) => new(options.Rounds, share * cut, time);
            if (part == BenchmarkParts.Profile)
            {
                var cut = 1.0 / (TrainingCase.Profiled.Count + 1);
                foreach (var profiled in TrainingCase.Profiled)
                    profile.AddRange(new StepProfile(shape, options.RowCount, options.Length, device, time).Measure(profiled, Limit(cut), report, cancellation));
                if (device.type == DeviceType.CPU)
                    profile.AddRange(new KernelAblation(shape, options.RowCount, options.Length, device, time).Measure(TrainingCase.Mot, Limit(cut), report, cancellation));
            }
            else
                results.AddRange(part == BenchmarkParts.Training
                    ? new TrainingBenchmark(shape, options.RowCount, options.Length, device, time).Measure(Limit(1), report, cancellation)
                    : new DecodingBenchmark(shape, device, time).Measure(Limit(1), report, cancellation));
        }
    }

    private IEnumerable<BenchmarkParts> Parts() => Enum.GetValues<BenchmarkParts>().Where(part => options.Parts.HasFlag(part));

    /// <summary>Time in proportion to what one token costs.</summary>
    private static double Weight(BenchmarkParts part, BenchmarkShape shape) => Flops.PerTokenCausal(shape.Config, DecodedModel.PromptLength).Forward
        * part switch { BenchmarkParts.Training => TrainingWeight, BenchmarkParts.Decode => DecodeWeight, _ => ProfileWeight };
}
