using MixtureOfTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Times prefill and decoding of the dense and the two-tower model of one shape in turns, for one row and for many.</summary>
/// <param name="shape">The shape.</param>
/// <param name="device">Where the models live.</param>
/// <param name="time">The clock.</param>
internal sealed class DecodingBenchmark(BenchmarkShape shape, Device device, TimeProvider time)
{
    private static readonly int[] RowCounts = [1, 16];

    /// <summary>Measures.</summary>
    /// <param name="limit">How many rounds.</param>
    /// <param name="report">Told the share that is done.</param>
    /// <param name="cancellation">Looked at between tokens.</param>
    /// <returns>Prefill and decoding of each model and number of rows; shares of the machine's peaks are yet to be filled in.</returns>
    public IReadOnlyList<BenchmarkResult> Measure(RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        using var dense = Create(TrainingCase.Dense, "dense");
        using var mot = Create(TrainingCase.Mot, "mot-2");
        (DecodedModel Model, int Rows)[] cases = [.. RowCounts.SelectMany(rows => new[] { (dense, rows), (mot, rows) })];
        var peaks = new long?[cases.Length];
        var rounds = new List<(double Prefill, double Step)[]>();
        for (var done = -1; done < 0 || limit.AllowsAfter(done); done++)
        {
            var round = new (double Prefill, double Step)[cases.Length];
            for (var turn = 0; turn < cases.Length; turn++)
            {
                var i = (turn + done + 1) % cases.Length; // another one first in every round
                var (model, rows) = cases[i];
                report(limit.Progress(done + 1 + ((double)turn / cases.Length)), $"{model.Name} batch {rows}");
                var counts = done < 0 && device.type == DeviceType.CPU && PeakMemory.TryReset();
                round[i] = model.Run(rows, cancellation);
                if (counts)
                    peaks[i] = PeakMemory.Read() - (model == dense ? mot : dense).StaticBytes;
            }
            if (done >= 0)
                rounds.Add(round);
        }
        var results = cases.Select((c, i) => Results(c.Model, c.Rows, peaks[i], rounds.ConvertAll(r => r[i]), rounds.ConvertAll(r => r[i - (i % 2)]))).ToList();
        return [.. results.Select(r => r.Prefill), .. results.Select(r => r.Decode)];
    }

    private DecodedModel Create(TrainingCase architecture, string name) => new(name, architecture.ConfigOf(shape.Config), shape.ScalarType, device, time);

    private (BenchmarkResult Prefill, BenchmarkResult Decode) Results(DecodedModel model, int rows, long? peak, List<(double Prefill, double Step)> own, List<(double Prefill, double Step)> dense)
    {
        var prefill = Result("prefill", own.ConvertAll(o => o.Prefill), dense.ConvertAll(d => d.Prefill), DecodedModel.PromptLength, Flops.OfPrompt(shape.Config, DecodedModel.PromptLength));
        var keys = DecodedModel.PromptLength + (DecodedModel.NewTokens / 2.0);
        var bytes = DecodingTraffic.BytesPerStep(shape.Config, model.TowersInUse(rows), rows, keys, shape.ScalarType == ScalarType.BFloat16 ? 2 : 4);
        var decode = Result("decode", own.ConvertAll(o => o.Step), dense.ConvertAll(d => d.Step), 1, Flops.PerToken(shape.Config, keys).Forward);
        return (prefill, decode with { GbPerSecond = 1e-6 * bytes / decode.Milliseconds!.Median });

        BenchmarkResult Result(string phase, List<double> seconds, List<double> denseSeconds, int tokens, double flops)
        {
            var milliseconds = Spread.Of(seconds.Select(s => 1e3 * s));
            return shape.Result($"{phase} {model.Name} batch {rows}", rows, milliseconds, seconds.Count) with
            {
                TokensPerSecond = 1e3 * rows * tokens / milliseconds.Median,
                Gflops = 1e-6 * rows * flops / milliseconds.Median,
                RatioToDense = Spread.Of(seconds.Zip(denseSeconds, (a, b) => a / b)).Median,
                PeakMemoryBytes = peak,
            };
        }
    }
}
