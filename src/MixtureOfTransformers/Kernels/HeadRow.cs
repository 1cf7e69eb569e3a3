// Legend: K head width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>What happens to one head of one query or key between projection and attention: RMSNorm over the head width, then rotary embedding, then a factor.</summary>
internal unsafe struct HeadRow
{
    /// <summary>Head width K, a multiple of 32.</summary>
    public int Width;

    /// <summary>Norm weight by tower, [towers, K]; null for no norm.</summary>
    public float* Weights;

    /// <summary>Added to the mean square.</summary>
    public float Epsilon;

    /// <summary>The last factor: 1 / √K for queries, 1 for keys.</summary>
    public float Scale;

    /// <summary>Cosines by position, [positions, K / 2]; null for no rotation.</summary>
    public float* Cos;

    /// <summary>Sines by position.</summary>
    public float* Sin;

    /// <summary>Forward.</summary>
    /// <param name="x_K">The projected head.</param>
    /// <param name="inverse">1 / RMS of it; 1 for no norm.</param>
    /// <param name="position">Its position.</param>
    /// <param name="tower">Its tower.</param>
    /// <param name="y_K">Receives the result.</param>
    public readonly void Apply<T>(T* x_K, float inverse, int position, int tower, float* y_K)
        where T : unmanaged, INumberFormat<T>
    {
        var half = Width / 2;
        var factor = Vector512.Create(Scale * inverse);
        for (var i = 0; i < half; i += VectorMath.Lanes)
        {
            var first = T.Load(x_K + i) * factor;
            var second = T.Load(x_K + half + i) * factor;
            if (Weights is not null)
            {
                first *= Vector512.Load(Weights + (tower * Width) + i);
                second *= Vector512.Load(Weights + (tower * Width) + half + i);
            }
            if (Cos is not null)
            {
                var cos = Vector512.Load(Cos + (position * half) + i);
                var sin = Vector512.Load(Sin + (position * half) + i);
                (first, second) = ((first * cos) - (second * sin), (second * cos) + (first * sin));
            }
            first.Store(y_K + i);
            second.Store(y_K + half + i);
        }
    }

    /// <summary>Backward.</summary>
    /// <param name="x_K">The projected head, as in forward.</param>
    /// <param name="inverse">As in forward.</param>
    /// <param name="position">Its position.</param>
    /// <param name="tower">Its tower.</param>
    /// <param name="dy_K">Gradient of the result; overwritten.</param>
    /// <param name="dx_K">Receives the gradient of the projected head.</param>
    /// <param name="dWeights">Gradients of the norm weights are added to it, [towers, K].</param>
    public readonly void Differentiate<T>(T* x_K, float inverse, int position, int tower, float* dy_K, T* dx_K, float* dWeights)
        where T : unmanaged, INumberFormat<T>
    {
        var half = Width / 2;
        for (var i = 0; i < half; i += VectorMath.Lanes)
        {
            var first = Vector512.Load(dy_K + i) * Scale;
            var second = Vector512.Load(dy_K + half + i) * Scale;
            if (Cos is not null)
            {
                var cos = Vector512.Load(Cos + (position * half) + i);
                var sin = Vector512.Load(Sin + (position * half) + i);
                (first, second) = ((first * cos) + (second * sin), (second * cos) - (first * sin));
            }
            first.Store(dy_K + i);
            second.Store(dy_K + half + i);
        }
        if (Weights is null)
            for (var i = 0; i < Width; i += VectorMath.Lanes)
                T.Store(Vector512.Load(dy_K + i), dx_K + i);
        else
            RmsNormKernel.DifferentiateRow(Width, x_K, Weights + (tower * Width), inverse, (Fp32*)dy_K, dx_K, dWeights + (tower * Width));
    }
}
