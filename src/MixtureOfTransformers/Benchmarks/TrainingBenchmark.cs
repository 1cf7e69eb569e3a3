using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Times training steps of several models of one shape in turns: one step of each a round, so that a machine that slows down slows all of them.</summary>
/// <param name="shape">The shape.</param>
/// <param name="rowCount">Rows of a step, B.</param>
/// <param name="length">Tokens of a row, S.</param>
/// <param name="device">Where the models live.</param>
/// <param name="time">The clock.</param>
internal sealed class TrainingBenchmark(BenchmarkShape shape, int rowCount, int length, Device device, TimeProvider time)
{
    private const long Seed = 1;
    private const int WarmUpStepsOnGpu = 5; // every step has other numbers of tokens per tower, and libtorch first has to get memory for them from the driver

    /// <summary>Measures all cases that exist in this shape.</summary>
    /// <param name="limit">How many rounds.</param>
    /// <param name="report">Told the share that is done.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <returns>One result per case, dense first; shares of peaks are yet to be filled in.</returns>
    public IReadOnlyList<BenchmarkResult> Measure(RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        var cases = TrainingCase.All.Where(c => c.Supports(shape.Config)).ToList();
        var models = new List<SteppedModel>();
        try
        {
            foreach (var trained in cases)
            {
                cancellation.ThrowIfCancellationRequested();
                models.Add(new(trained, shape.Config, shape.ScalarType, length, device, time));
            }
            var peaks = cases.Select((_, i) => PeakOfWarmUp(cases[i], models, i, limit, report, cancellation)).ToList();
            var rounds = Rounds(cases, models, limit, report, cancellation);
            return [.. cases.Select((trained, i) => Result(trained, rounds.ConvertAll(round => round[i]), rounds.ConvertAll(round => round[0]), peaks[i]))];
        }
        finally
        {
            models.ForEach(model => model.Dispose());
        }
    }

    /// <summary>The first steps of a model, which are not timed; afterwards its buffers are in place.</summary>
    private long? PeakOfWarmUp(TrainingCase trained, List<SteppedModel> models, int index, RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        report(limit.Progress((double)index / models.Count), trained.Name);
        var counts = device.type == DeviceType.CPU && PeakMemory.TryReset();
        for (var step = 1; step <= (device.type == DeviceType.CPU ? 1 : WarmUpStepsOnGpu); step++)
            models[index].Step(BatchFor(trained, round: -step));
        return counts ? PeakMemory.Read() - models.Where((_, i) => i != index).Sum(m => m.StaticBytes) : null;
    }

    private List<StepSeconds[]> Rounds(List<TrainingCase> cases, List<SteppedModel> models, RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        var rounds = new List<StepSeconds[]>();
        while (limit.AllowsAfter(rounds.Count))
        {
            var round = new StepSeconds[cases.Count];
            for (var turn = 0; turn < cases.Count; turn++)
            {
                cancellation.ThrowIfCancellationRequested();
                var i = (turn + rounds.Count) % cases.Count; // another one first in every round
                report(limit.Progress(rounds.Count + 1 + ((double)turn / cases.Count)), cases[i].Name);
                round[i] = models[i].Step(BatchFor(cases[i], rounds.Count));
            }
            rounds.Add(round);
        }
        return rounds;
    }

    private Batch BatchFor(TrainingCase trained, int round) =>
        SyntheticTokens.CreateBatch(trained.ConfigOf(shape.Config), trained.Layout, rowCount, length, new SeededRandom(Seed, round));

    private BenchmarkResult Result(TrainingCase trained, List<StepSeconds> steps, List<StepSeconds> dense, long? peak)
    {
        Spread Milliseconds(Func<StepSeconds, double> part) => Spread.Of(steps.Select(step => 1e3 * part(step)));
        var (total, tokens) = (Milliseconds(s => s.Total), rowCount * length);
        var flops = tokens * Flops.PerTokenCausal(shape.Config, length).Training; // each row is one document
        return shape.Result($"train {trained.Name}", rowCount, total, steps.Count) with
        {
            TokensPerSecond = 1e3 * tokens / total.Median,
            Gflops = 1e-6 * flops / total.Median,
            RatioToDense = Spread.Of(steps.Zip(dense, (own, other) => own.Total / other.Total)).Median,
            PeakMemoryBytes = peak,
            ForwardMilliseconds = Milliseconds(s => s.Forward),
            BackwardMilliseconds = Milliseconds(s => s.Backward),
            OptimizerMilliseconds = Milliseconds(s => s.Optimizer),
        };
    }
}
