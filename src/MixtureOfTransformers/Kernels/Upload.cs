using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Brings what was made on the host to the device of a model.</summary>
internal static class Upload
{
    /// <summary>Copies to a device; to a GPU by way of pinned memory, without waiting for what is queued there.</summary>
    /// <param name="host">On the CPU; taken over: it is gone afterwards, or is the result.</param>
    /// <param name="device">Where it is wanted.</param>
    /// <returns>The same values, owned by the caller's scope.</returns>
    public static Tensor To(Tensor host, Device device)
    {
        if (device.type == DeviceType.CPU)
            return host;
        using var source = device.type == DeviceType.CUDA ? host.pin_memory() : host.alias();
        host.Dispose();
        return source.to(device, non_blocking: device.type == DeviceType.CUDA);
    }
}
