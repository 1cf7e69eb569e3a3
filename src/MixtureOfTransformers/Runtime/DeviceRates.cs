using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Runtime;

/// <summary>What a GPU reaches in libtorch, measured on random numbers; each figure is the median of several runs that end when the device has.</summary>
internal static class DeviceRates
{
    private const int Side = 8192, Runs = 5, LaunchesOfARun = 3;
    private const long CopiedNumbers = 1L << 28; // 1 GiB, much more than a GPU's caches

    /// <summary>Measures; takes about a second.</summary>
    /// <param name="device">A GPU with 3 GiB of free memory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Stops between runs.</param>
    public static ComputeRates Measure(Device device, TimeProvider time, CancellationToken cancellation) =>
        new(MatrixProducts(ScalarType.Float32, device, time, cancellation), MatrixProducts(ScalarType.BFloat16, device, time, cancellation), Copies(device, time, cancellation));

    /// <summary>Waits until everything queued on a device is done; on the CPU nothing ever is.</summary>
    public static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }

    private static double MatrixProducts(ScalarType dtype, Device device, TimeProvider time, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (a_DD, b_DD, c_DD) = (Random(dtype), Random(dtype), Random(dtype));
        return 2e-9 * Side * Side * Side / Seconds(() => c_DD.addmm_(a_DD, b_DD, beta: 0, alpha: 1), device, time, cancellation);

        Tensor Random(ScalarType type) => randn([Side, Side], device: device).to(type);
    }

    private static double Copies(Device device, TimeProvider time, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (from, to) = (rand([CopiedNumbers], device: device), empty([CopiedNumbers], device: device));
        return 2e-9 * sizeof(float) * CopiedNumbers / Seconds(() => to.copy_(from), device, time, cancellation);
    }

    private static double Seconds(Action launch, Device device, TimeProvider time, CancellationToken cancellation)
    {
        var seconds = new List<double>();
        for (var run = -1; run < Runs; run++) // the first is a warm-up
        {
            cancellation.ThrowIfCancellationRequested();
            Wait(device);
            var start = time.GetTimestamp();
            for (var i = 0; i < LaunchesOfARun; i++)
                launch();
            Wait(device);
            if (run >= 0)
                seconds.Add(time.GetElapsedTime(start).TotalSeconds / LaunchesOfARun);
        }
        seconds.Sort();
        return seconds[Runs / 2];
    }
}
