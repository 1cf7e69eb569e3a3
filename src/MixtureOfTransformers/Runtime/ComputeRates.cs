using static TorchSharp.torch;

namespace MixtureOfTransformers.Runtime;

/// <summary>What this machine's processor reaches in libtorch, measured.</summary>
/// <param name="Fp32GflopPerSecond">Square fp32 matrix products, in 10⁹ floating-point operations per second.</param>
/// <param name="Bf16GflopPerSecond">The same in bf16.</param>
/// <param name="MemoryGbPerSecond">Copying an array larger than the caches: bytes read plus bytes written, in 10⁹ per second.</param>
public sealed record ComputeRates(double Fp32GflopPerSecond, double Bf16GflopPerSecond, double MemoryGbPerSecond)
{
    private const int SmallestSide = 256, LargestSide = 2048;
    private static readonly TimeSpan TargetOfOne = TimeSpan.FromMilliseconds(40);

    /// <summary>Takes about a second; each figure is the median of at least three runs. A busy machine gives lower ones.</summary>
    /// <param name="memory">Sets how large an array the copy may use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static ComputeRates Measure(MemoryInfo memory, TimeProvider time, CancellationToken cancellation = default) => new(
        MatrixProducts(ScalarType.Float32, time, cancellation), MatrixProducts(ScalarType.BFloat16, time, cancellation), Copies(memory, time, cancellation));

    private static double MatrixProducts(ScalarType dtype, TimeProvider time, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Product(SmallestSide, dtype, time);
        var once = Product(SmallestSide, dtype, time);
        // A product of side n takes n³ steps: the side that takes about the target time, in whole blocks.
        var side = SmallestSide * Math.Cbrt(TargetOfOne / once);
        var blocks = (int)Math.Clamp(side, SmallestSide, LargestSide) / SmallestSide * SmallestSide;
        Product(blocks, dtype, time);
        return 2e-9 * blocks * blocks * blocks / Median(() => Product(blocks, dtype, time), cancellation);
    }

    private static TimeSpan Product(int side, ScalarType dtype, TimeProvider time)
    {
        using var scope = NewDisposeScope();
        var a_DD = ones(side, side, dtype: dtype);
        var b_DD = ones(side, side, dtype: dtype);
        var start = time.GetTimestamp();
        a_DD.mm(b_DD);
        return time.GetElapsedTime(start);
    }

    private static double Copies(MemoryInfo memory, TimeProvider time, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var bytes = Math.Clamp(memory.AvailableBytes / 8, 1 << 24, 1 << 28);
        var from = ones(bytes / sizeof(float));
        var to = zeros(bytes / sizeof(float));
        return 2e-9 * bytes / Median(
            () =>
            {
                var start = time.GetTimestamp();
                to.copy_(from);
                return time.GetElapsedTime(start);
            },
            cancellation);
    }

    /// <summary>Seconds of the middle run: five runs, or three where they are slow.</summary>
    private static double Median(Func<TimeSpan> run, CancellationToken cancellation)
    {
        var seconds = new List<double>();
        while (seconds.Count < 3 || (seconds.Count < 5 && seconds.Sum() < 0.3))
        {
            cancellation.ThrowIfCancellationRequested();
            seconds.Add(Math.Max(run().TotalSeconds, 1e-9));
        }
        seconds.Sort();
        return seconds[seconds.Count / 2];
    }
}
