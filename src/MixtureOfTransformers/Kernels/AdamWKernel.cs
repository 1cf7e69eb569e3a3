using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>AdamW in one pass over memory: clipping, decay, both moments, the update, and the gradient set back to zero.</summary>
internal static unsafe class AdamWKernel
{
    private const long NumbersOfABlock = 1 << 15;

    /// <summary>The constants of one update.</summary>
    /// <param name="GradientScale">Factor of the gradient: clipping.</param>
    /// <param name="Decay">Factor of the decayed weights, 1 - learning rate · weight decay.</param>
    /// <param name="Beta1">Decay of the first moment.</param>
    /// <param name="Beta2">Decay of the second moment.</param>
    /// <param name="StepSize">Learning rate over the first moment's bias correction.</param>
    /// <param name="RootCorrection">Square root of the second moment's bias correction.</param>
    /// <param name="Epsilon">ε.</param>
    public readonly record struct Constants(float GradientScale, float Decay, float Beta1, float Beta2, float StepSize, float RootCorrection, float Epsilon);

    /// <summary>Updates <paramref name="count"/> weights, a multiple of 16, of which the first <paramref name="decayed"/>, a multiple of 16 too, decay.</summary>
    public static void Step(Constants c, long count, long decayed, float* weights, float* gradients, float* first, float* second) => Cores.ForBlocks(count / VectorMath.Lanes, NumbersOfABlock / VectorMath.Lanes, (from, to) =>
    {
        for (var i = from * VectorMath.Lanes; i < to * VectorMath.Lanes; i += VectorMath.Lanes)
        {
            var g = Vector512.Load(gradients + i) * c.GradientScale;
            var m = (Vector512.Load(first + i) * c.Beta1) + (g * (1 - c.Beta1));
            var v = (Vector512.Load(second + i) * c.Beta2) + (g * g * (1 - c.Beta2));
            var w = Vector512.Load(weights + i) * (i < decayed ? c.Decay : 1);
            m.Store(first + i);
            v.Store(second + i);
            (w - (m * c.StepSize / ((Vector512.Sqrt(v) / c.RootCorrection) + Vector512.Create(c.Epsilon)))).Store(weights + i);
            Vector512<float>.Zero.Store(gradients + i);
        }
    });
}
