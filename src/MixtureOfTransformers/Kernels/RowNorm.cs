// Legend: D normalised width, a multiple of sixteen.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Norms and sums of one row, in fp32.</summary>
internal static unsafe class RowNorm
{
    /// <summary>y = x / sqrt(mean(x²) + ε) · w; y may be x.</summary>
    public static void Rms(float* x_D, float* w_D, int dim, double epsilon, float* y_D)
    {
        var scale = Vector512.Create(RmsScale(x_D, dim, epsilon));
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            (Vector512.Load(x_D + d) * scale * Vector512.Load(w_D + d)).Store(y_D + d);
    }

    /// <summary>y += x / sqrt(mean(x²) + ε) · w.</summary>
    public static void AddRms(float* x_D, float* w_D, int dim, double epsilon, float* y_D)
    {
        var scale = Vector512.Create(RmsScale(x_D, dim, epsilon));
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            (Vector512.Load(y_D + d) + (Vector512.Load(x_D + d) * scale * Vector512.Load(w_D + d))).Store(y_D + d);
    }

    /// <summary>y += x.</summary>
    public static void Add(float* x_D, int dim, float* y_D)
    {
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            (Vector512.Load(y_D + d) + Vector512.Load(x_D + d)).Store(y_D + d);
    }

    /// <summary>y = (x - mean(x)) / sqrt(var(x) + ε) · w + b; y may be x.</summary>
    public static void Layer(float* x_D, float* w_D, float* b_D, int dim, double epsilon, float* y_D)
    {
        var sum = Vector512<float>.Zero;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            sum += Vector512.Load(x_D + d);
        var mean = Vector512.Create(Vector512.Sum(sum) / dim);
        var squares = Vector512<float>.Zero;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
        {
            var distance = Vector512.Load(x_D + d) - mean;
            squares = Vector512.FusedMultiplyAdd(distance, distance, squares);
        }
        var scale = Vector512.Create((float)(1 / Math.Sqrt((Vector512.Sum(squares) / dim) + epsilon)));
        for (var d = 0; d < dim; d += VectorMath.Lanes)
            (((Vector512.Load(x_D + d) - mean) * scale * Vector512.Load(w_D + d)) + Vector512.Load(b_D + d)).Store(y_D + d);
    }

    private static float RmsScale(float* x_D, int dim, double epsilon)
    {
        var squares = Vector512<float>.Zero;
        for (var d = 0; d < dim; d += VectorMath.Lanes)
        {
            var x = Vector512.Load(x_D + d);
            squares = Vector512.FusedMultiplyAdd(x, x, squares);
        }
        return (float)(1 / Math.Sqrt((Vector512.Sum(squares) / dim) + epsilon));
    }
}
