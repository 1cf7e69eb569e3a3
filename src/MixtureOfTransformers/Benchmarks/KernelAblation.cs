using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>What each kernel is worth: whole training steps in which one of them is left to torch's operations, in turns with steps that have all.</summary>
/// <param name="shape">The shape.</param>
/// <param name="rowCount">Rows of a step, B.</param>
/// <param name="length">Tokens of a row, S.</param>
/// <param name="device">The CPU, where there are kernels.</param>
/// <param name="time">The clock.</param>
internal sealed class KernelAblation(BenchmarkShape shape, int rowCount, int length, Device device, TimeProvider time)
{
    private const long Seed = 1;
    private readonly FusedKernel?[] _leftOut =
        [null, .. Enum.GetValues<FusedKernel>().Where(kernel => kernel != FusedKernel.MatrixUnit || (shape.ScalarType == ScalarType.BFloat16 && MatrixUnit.IsPresent))];

    /// <summary>Measures one training case.</summary>
    /// <param name="trained">The case; not the naive one.</param>
    /// <param name="limit">How many rounds.</param>
    /// <param name="report">Told the share that is done.</param>
    /// <param name="cancellation">Looked at between steps.</param>
    /// <returns>A step with all kernels, then one without each; percentages are medians of the ratios within a round.</returns>
    public IReadOnlyList<ProfileLine> Measure(TrainingCase trained, RoundLimit limit, Action<double, string?> report, CancellationToken cancellation)
    {
        var batch = SyntheticTokens.CreateBatch(trained.ConfigOf(shape.Config), trained.Layout, rowCount, length, new SeededRandom(Seed));
        using var model = new SteppedModel(trained, shape.Config, shape.ScalarType, length, device, time);
        var rounds = new List<StepSeconds[]>();
        for (var done = -1; done < 0 || limit.AllowsAfter(done); done++)
        {
            report(limit.Progress(done + 1), "one kernel less");
            var round = new StepSeconds[_leftOut.Length];
            for (var turn = 0; turn < _leftOut.Length; turn++)
            {
                cancellation.ThrowIfCancellationRequested();
                var i = (turn + done + 1) % _leftOut.Length; // another one first in every round
                using var without = _leftOut[i] is { } kernel ? FusedKernels.Without(kernel) : null;
                round[i] = model.Step(batch);
            }
            if (done >= 0)
                rounds.Add(round);
        }
        return [.. _leftOut.Select((kernel, i) => Line(trained.Name, kernel, rounds, i))];
    }

    private ProfileLine Line(string name, FusedKernel? kernel, List<StepSeconds[]> rounds, int i) => new()
    {
        Name = $"{name}, one kernel less",
        Dtype = shape.ComputeType,
        Dim = shape.Config.Dim,
        Layers = shape.Config.LayerCount,
        Operation = kernel is null ? "whole step" : NameOf(kernel.Value),
        ForwardMilliseconds = 1e3 * Spread.Of(rounds.Select(r => r[i].Forward)).Median,
        BackwardMilliseconds = 1e3 * Spread.Of(rounds.Select(r => r[i].Backward + r[i].Optimizer)).Median,
        PercentOfStep = 100 * Spread.Of(rounds.Select(r => r[i].Total / r[0].Total)).Median,
    };

    private static string NameOf(FusedKernel kernel) => kernel switch
    {
        FusedKernel.Attention => "attention by torch",
        FusedKernel.Norm => "norm and residual by torch",
        FusedKernel.SwiGlu => "SwiGLU by torch",
        FusedKernel.TowerProduct => "tower products by torch",
        FusedKernel.HeadLoss => "head and loss by torch",
        FusedKernel.AdamW => "optimizer by torch",
        FusedKernel.MatrixUnit => "without the matrix unit",
        _ => throw new ArgumentOutOfRangeException(nameof(kernel), kernel, "a kernel without a name in the profile; name it here"),
    };
}
