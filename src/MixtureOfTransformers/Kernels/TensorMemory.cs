using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Raw access to a tensor's numbers for kernels.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>Whether kernels may work on a tensor: on the CPU, in fp32 or bf16, and below 2 GiB, TorchSharp's limit for access to its bytes.</summary>
    public static bool IsReachable(Tensor x) =>
        FusedKernels.AreOn && x.device_type == DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16 && x.numel() * x.element_size() <= int.MaxValue;

    /// <summary>Where the tensor's numbers begin; valid while the tensor lives.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous, or not on the CPU.</exception>
    /// <exception cref="ArgumentException">It has more than 2 GiB.</exception>
    public static T* Pointer<T>(Tensor x)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(x.bytes));
}
