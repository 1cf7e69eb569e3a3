using MixtureOfTransformers.Runtime;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>An operation of a training step, timed alone, forward and backward apart.</summary>
/// <param name="name">What it is.</param>
/// <param name="count">How often it occurs in a step.</param>
/// <param name="forward">Computes it; the result belongs to the caller's scope.</param>
/// <param name="inputs">Activations whose gradients it computes; stay the caller's.</param>
/// <param name="device">Where it runs.</param>
/// <param name="time">The clock.</param>
internal sealed class ProfiledOperation(string name, int count, Func<Tensor> forward, Tensor[] inputs, Device device, TimeProvider time)
{
    private readonly List<double> _forward = [], _backward = [];

    /// <summary>What it is.</summary>
    public string Name => name;

    /// <summary>Median of all forward runs times their number in a step, in milliseconds.</summary>
    public double ForwardMilliseconds => 1e3 * count * Spread.Of(_forward).Median;

    /// <summary>The same of backward.</summary>
    public double BackwardMilliseconds => 1e3 * count * Spread.Of(_backward).Median;

    /// <summary>Runs it once in each direction.</summary>
    /// <param name="counts">Whether the times count.</param>
    public void Run(bool counts)
    {
        using var scope = NewDisposeScope();
        foreach (var input in inputs)
            input.grad = null; // in a step the gradient of an activation is written, not added to
        var start = time.GetTimestamp();
        var result = forward();
        DeviceRates.Wait(device);
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        var gradient = result.dim() == 0 ? null : new[] { ones_like(result) };
        DeviceRates.Wait(device);
        start = time.GetTimestamp();
        result.backward(gradient);
        DeviceRates.Wait(device);
        if (!counts)
            return;
        _forward.Add(seconds);
        _backward.Add(time.GetElapsedTime(start).TotalSeconds);
    }
}
