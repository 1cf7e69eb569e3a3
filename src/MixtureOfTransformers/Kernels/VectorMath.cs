using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Kernels;

/// <summary>Functions of sixteen fp32 numbers at a time. .NET's own exponential computes in double, at a quarter of the speed.</summary>
internal static class VectorMath
{
    /// <summary>Numbers in a vector.</summary>
    public const int Lanes = 16;

    /// <summary>eˣ to about two units in the last place; 0 below -87.3, infinity above 88.7, NaN for NaN.</summary>
    /// <remarks>x = n · ln 2 + r with |r| ≤ ln 2 / 2; eʳ by the polynomial of Cephes' <c>expf</c> (Moshier), times 2ⁿ.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var low = Vector512.LessThan(x, Vector512.Create(-87.33654f));
        if (Avx512F.IsSupported)
            x = Avx512F.Max(Vector512.Create(-88f), Avx512F.Min(Vector512.Create(90f), x)); // so that n is finite; of a number and NaN the instructions give the second
        var n = Vector512.Floor(Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(0.5f)));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        return Vector512.ConditionalSelect(low, Vector512<float>.Zero, Avx512F.IsSupported ? Avx512F.Scale(p, n) : Scale(p, n, x));
    }

    /// <summary>2ˣ to two units in the last place, exact in range: 0 for -∞, NaN for NaN. Half the instructions of <see cref="Exp"/>; needs AVX-512.</summary>
    /// <remarks>2 to the power of x - ⌊x⌋ by the polynomial of degree 6 that is nearest on [0, 1].</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x)
    {
        const byte AboveFloor = 0x09;
        var r = Avx512DQ.Reduce(x, AboveFloor);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(2.1889229e-4f), r, Vector512.Create(1.2384304e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(9.684976e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.548022e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.24023055f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.69314694f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        return Avx512F.Scale(p, x); // p · 2^⌊x⌋
    }

    /// <summary>The largest of the sixteen; NaN where one is.</summary>
    public static float Largest(Vector512<float> x)
    {
        var eight = Vector256.Max(x.GetLower(), x.GetUpper());
        var four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        var two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return MathF.Max(two[0], two[1]);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>p · 2ⁿ, infinity where x is beyond the largest logarithm.</summary>
    private static Vector512<float> Scale(Vector512<float> p, Vector512<float> n, Vector512<float> x)
    {
        var half = Vector512.ConvertToInt32(n) >> 1; // in two factors: 2¹²⁸ is no fp32 number, but e^88.7 is
        var y = p * Power(half) * Power(Vector512.ConvertToInt32(n) - half);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(88.72283f)), Vector512.Create(float.PositiveInfinity), y);
    }

    private static Vector512<float> Power(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();
}
