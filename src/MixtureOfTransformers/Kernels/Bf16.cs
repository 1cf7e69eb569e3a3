using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Kernels;

/// <summary>bf16 in memory: the upper half of an fp32.</summary>
internal readonly unsafe struct Bf16(ushort bits) : INumberFormat<Bf16>
{
    private const uint QuietNan = 0x7fc0_0000;
    private readonly ushort _bits = bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(Bf16* from) => (Bits(from) << 16).AsSingle();

    /// <summary>Sixteen numbers in the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Bits(Bf16* from)
    {
        var bits = Vector256.Load((ushort*)from);
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512UInt32(bits);
        var (lower, upper) = Vector256.Widen(bits);
        return Vector512.Create(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, Bf16* to) => Narrow(values).Store((ushort*)to);

    /// <summary>Sixteen numbers, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Narrow(Vector512<float> values)
    {
        var rounded = Upper(values) >> 16;
        return Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(rounded) : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
    }

    /// <summary>Sixteen numbers, rounded, in the upper halves; the lower halves mean nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Upper(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(QuietNan)); // rounding could carry a NaN over to a number
    }

    public static float Read(Bf16 value) => BitConverter.UInt32BitsToSingle((uint)value._bits << 16);

    public static Bf16 Round(float value)
    {
        var bits = float.IsNaN(value) ? QuietNan : BitConverter.SingleToUInt32Bits(value);
        return new((ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
    }
}
