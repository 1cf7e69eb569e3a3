using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>fp32 in memory.</summary>
internal readonly unsafe struct Fp32(float value) : INumberFormat<Fp32>
{
    private readonly float _value = value;

    public static Vector512<float> Load(Fp32* from) => Vector512.Load((float*)from);

    public static void Store(Vector512<float> values, Fp32* to) => values.Store((float*)to);

    public static float Read(Fp32 value) => value._value;

    public static Fp32 Round(float value) => new(value);
}
