// Legend: N rows, D width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>RMSNorm of rows whose weights differ by tower, with an optional residual added in the same pass.</summary>
internal static unsafe class RmsNormKernel
{
    private const int RowsOfABlock = 32;

    /// <summary>y = residual + x / sqrt(mean(x²) + ε) · w.</summary>
    /// <param name="rows">Rows and where each set of weights begins.</param>
    /// <param name="x_ND">Input.</param>
    /// <param name="residual_ND">Added to the result; null for none.</param>
    /// <param name="weights">One row per set of weights.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="y_ND">Receives the result.</param>
    /// <param name="inverse_N">Receives 1 / sqrt(mean(x²) + ε).</param>
    public static void Forward<T>(TowerRows rows, T* x_ND, T* residual_ND, float* weights, float epsilon, T* y_ND, float* inverse_N)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(rows.Count, RowsOfABlock, (from, to) =>
    {
        var width = rows.Width;
        for (var row = from; row < to; row++)
        {
            T* x = x_ND + (row * width), y = y_ND + (row * width);
            var weight = weights + (rows.Tower(row) * (long)width);
            var residual = residual_ND is null ? null : residual_ND + (row * width);
            var inverse = InverseRms(width, x, epsilon);
            inverse_N[row] = inverse;
            for (var i = 0; i < width; i += VectorMath.Lanes)
            {
                var normalised = T.Load(x + i) * inverse * Vector512.Load(weight + i);
                T.Store(residual is null ? normalised : normalised + T.Load(residual + i), y + i);
            }
        }
    });

    /// <summary>Gradients of x and of the weights.</summary>
    /// <param name="rows">As in forward.</param>
    /// <param name="x_ND">As in forward.</param>
    /// <param name="weights">As in forward.</param>
    /// <param name="inverse_N">From forward.</param>
    /// <param name="dy_ND">Gradient of the result.</param>
    /// <param name="dx_ND">Receives the gradient of x.</param>
    /// <param name="dWeights">Receives the gradients of the weights.</param>
    public static void Backward<T>(TowerRows rows, T* x_ND, float* weights, float* inverse_N, T* dy_ND, T* dx_ND, float* dWeights)
        where T : unmanaged, INumberFormat<T>
    {
        var (width, size) = (rows.Width, rows.Width * rows.TowerCount);
        var shares = new Shares(rows.Count, RowsOfABlock, size);
        Cores.For(shares.Count, share =>
        {
            var dShare = shares.Of(share);
            for (var row = shares.Start(share); row < shares.Start(share + 1); row++)
            {
                var tower = rows.Tower(row) * (long)width;
                DifferentiateRow(width, x_ND + (row * width), weights + tower, inverse_N[row], dy_ND + (row * width), dx_ND + (row * width), dShare + tower);
            }
        });
        shares.SumInto(dWeights);
    }

    /// <summary>1 / sqrt(mean(x²) + ε) of one row.</summary>
    internal static float InverseRms<T>(int width, T* x, float epsilon)
        where T : unmanaged, INumberFormat<T>
    {
        var squares = Vector512<float>.Zero;
        for (var i = 0; i < width; i += VectorMath.Lanes)
            squares = Vector512.FusedMultiplyAdd(T.Load(x + i), T.Load(x + i), squares);
        return 1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon);
    }

    /// <summary>The gradient of one row; that of its weight is added to <paramref name="dWeight"/>.</summary>
    internal static void DifferentiateRow<T, TGradient>(int width, T* x, float* weight, float inverse, TGradient* dy, T* dx, float* dWeight)
        where T : unmanaged, INumberFormat<T>
        where TGradient : unmanaged, INumberFormat<TGradient>
    {
        var dot = Vector512<float>.Zero;
        for (var i = 0; i < width; i += VectorMath.Lanes)
        {
            var normalised = T.Load(x + i) * inverse;
            var gradient = TGradient.Load(dy + i);
            Vector512.FusedMultiplyAdd(gradient, normalised, Vector512.Load(dWeight + i)).Store(dWeight + i);
            dot = Vector512.FusedMultiplyAdd(gradient * Vector512.Load(weight + i), normalised, dot);
        }
        var mean = Vector512.Create(Vector512.Sum(dot) / width);
        for (var i = 0; i < width; i += VectorMath.Lanes)
            T.Store(((TGradient.Load(dy + i) * Vector512.Load(weight + i)) - (T.Load(x + i) * inverse * mean)) * inverse, dx + i);
    }
}
