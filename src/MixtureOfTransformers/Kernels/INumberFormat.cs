using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>How a kernel reads and writes numbers in memory; it always computes in fp32. The compiler makes one kernel per format.</summary>
internal unsafe interface INumberFormat<TSelf>
    where TSelf : unmanaged, INumberFormat<TSelf>
{
    /// <summary>Reads sixteen numbers.</summary>
    static abstract Vector512<float> Load(TSelf* from);

    /// <summary>Writes sixteen numbers, rounded to nearest even.</summary>
    static abstract void Store(Vector512<float> values, TSelf* to);

    /// <summary>Reads one number.</summary>
    static abstract float Read(TSelf value);

    /// <summary>One number, rounded to nearest even.</summary>
    static abstract TSelf Round(float value);
}
