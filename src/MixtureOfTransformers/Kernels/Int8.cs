using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MixtureOfTransformers.Kernels;

/// <summary>A whole number from -127 to 127 in one byte; what it stands for is this times a scale that its user keeps.</summary>
internal readonly unsafe struct Int8(sbyte value) : INumberFormat<Int8>
{
    /// <summary>The largest number.</summary>
    public const int Most = 127;

    private readonly sbyte _value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(Int8* from)
    {
        var bytes = Vector128.Load((sbyte*)from);
        if (Avx512F.IsSupported)
            return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
        var (lower, upper) = Vector128.Widen(bytes);
        var (first, second, third, fourth) = (Vector128.WidenLower(lower), Vector128.WidenUpper(lower), Vector128.WidenLower(upper), Vector128.WidenUpper(upper));
        return Vector512.ConvertToSingle(Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth)));
    }

    public static void Store(Vector512<float> values, Int8* to)
    {
        for (var lane = 0; lane < VectorMath.Lanes; lane++)
            to[lane] = Round(values[lane]);
    }

    public static float Read(Int8 value) => value._value;

    public static Int8 Round(float value) => new((sbyte)Math.Clamp(MathF.Round(value), -Most, Most));
}
