using System.Collections.Immutable;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Runtime;

/// <summary>Instruction sets of the processor that libtorch's kernels choose between.</summary>
internal static class CpuFeatures
{
    public const string Avx2 = "avx2", Avx512F = "avx512f", Avx512Bf16 = "avx512_bf16", AmxBf16 = "amx_bf16";

    public static ImmutableArray<string> Supported() =>
    [
        .. from feature in All() where feature.Supported select feature.Name
    ];

    private static IEnumerable<(string Name, bool Supported)> All()
    {
        yield return ("avx", Avx.IsSupported);
        yield return (Avx2, System.Runtime.Intrinsics.X86.Avx2.IsSupported);
        yield return ("fma", Fma.IsSupported);
        yield return (Avx512F, System.Runtime.Intrinsics.X86.Avx512F.IsSupported);
        yield return ("neon", AdvSimd.IsSupported);
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < 7)
            yield break;
        // Intel's manual, volume 2A, CPUID: leaf 7. The system's consent to AVX-512 registers is what Avx512F.IsSupported adds.
        var (subleaves, _, _, edx) = X86Base.CpuId(7, 0);
        var eax = subleaves >= 1 ? X86Base.CpuId(7, 1).Eax : 0;
        yield return (Avx512Bf16, System.Runtime.Intrinsics.X86.Avx512F.IsSupported && Bit(eax, 5));
        yield return (AmxBf16, Bit(edx, 22) && Bit(edx, 24));
        yield return ("amx_int8", Bit(edx, 25) && Bit(edx, 24));
    }

    private static bool Bit(int register, int bit) => (register >> bit & 1) != 0;
}
