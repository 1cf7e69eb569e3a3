using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Where the time of a training step goes: its operations timed alone, beside whole steps, all in turns.</summary>
/// <param name="shape">The shape.</param>
/// <param name="rowCount">Rows of a step, B.</param>
/// <param name="length">Tokens of a row, S.</param>
/// <param name="device">Where everything lives.</param>
/// <param name="time">The clock.</param>
internal sealed class StepProfile(BenchmarkShape shape, int rowCount, int length, Device device, TimeProvider time)
{
    private const long Seed = 1;

    /// <summary>Measures one training case.</summary>
    /// <param name="profiled">The case; not the naive one.</param>
    /// <param name="limit">How many rounds.</param>
    /// <param name="report">Told the share that is done.</param>
    /// <param name="cancellation">Looked at between operations.</param>
    /// <returns>The operations in the order of a step, the optimizer, what is not accounted for, and the whole step; then what attention would take if it were full inside images.</returns>
    public IReadOnlyList<ProfileLine> Measure(TrainingCase profiled, RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        var config = profiled.ConfigOf(shape.Config);
        var batch = SyntheticTokens.CreateBatch(config, profiled.Layout, rowCount, length, new SeededRandom(Seed));
        using var scope = NewDisposeScope();
        using var kernels = profiled.Kernels();
        using var routing = ModalityRouting.Create(batch.Modalities, config.EffectiveTowers.AsSpan(), device);
        using var context = new AttentionContext(config, rowCount, length, device, shape.ScalarType);
        using var imageContext = new AttentionContext(config, rowCount, length, device, shape.ScalarType, images: ImagesOf(batch));
        var parts = new StepOperations(config, shape.ScalarType, routing, context, device, time);
        var (operations, inside) = (parts.Of(batch), parts.AttentionInsideImages(imageContext));
        using var whole = new SteppedModel(profiled, shape.Config, shape.ScalarType, length, device, time);
        var steps = new List<StepSeconds>();
        for (var done = -1; done < 0 || limit.AllowsAfter(done); done++)
        {
            report(limit.Progress(done + 1), profiled.Name);
            cancellation.ThrowIfCancellationRequested();
            var step = whole.Step(batch);
            if (done >= 0)
                steps.Add(step);
            foreach (var operation in operations.Append(inside))
            {
                cancellation.ThrowIfCancellationRequested();
                operation.Run(counts: done >= 0);
            }
        }
        return Lines(profiled.Name, operations, inside, steps);
    }

    /// <summary>Every run of a row's tokens that are no text is an image.</summary>
    private static int[] ImagesOf(Batch batch)
    {
        var images = new int[batch.Modalities.Length];
        for (var i = 0; i < images.Length; i++)
            images[i] = batch.Modalities[i] == 0 ? -1 : i % batch.Length > 0 && batch.Modalities[i - 1] == batch.Modalities[i] ? images[i - 1] : i;
        return images;
    }

    private List<ProfileLine> Lines(string name, IReadOnlyList<ProfiledOperation> operations, ProfiledOperation inside, List<StepSeconds> steps)
    {
        double Median(Func<StepSeconds, double> part) => 1e3 * Spread.Of(steps.Select(part)).Median;
        var (forward, backward, optimizer) = (Median(s => s.Forward), Median(s => s.Backward), Median(s => s.Optimizer));
        var lines = operations.Select(o => Line(o.Name, o.ForwardMilliseconds, o.BackwardMilliseconds)).ToList();
        lines.Add(Line("not accounted for", forward - operations.Sum(o => o.ForwardMilliseconds), backward - operations.Sum(o => o.BackwardMilliseconds)));
        lines.Add(Line("optimizer", 0, optimizer));
        lines.Add(Line("whole step", forward, backward + optimizer));
        lines.Add(Line(inside.Name, inside.ForwardMilliseconds, inside.BackwardMilliseconds));
        return lines;

        ProfileLine Line(string operation, double forwardTime, double backwardTime) => new()
        {
            Name = name,
            Dtype = shape.ComputeType,
            Dim = shape.Config.Dim,
            Layers = shape.Config.LayerCount,
            Operation = operation,
            ForwardMilliseconds = forwardTime,
            BackwardMilliseconds = backwardTime,
            PercentOfStep = 100 * (forwardTime + backwardTime) / (forward + backward + optimizer),
        };
    }
}
