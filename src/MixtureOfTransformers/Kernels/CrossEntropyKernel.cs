// Legend: V vocabulary.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Cross-entropy of rows of logits, with the z-loss weight · log² Z, and its gradient in place of the logits.</summary>
internal static unsafe class CrossEntropyKernel
{
    /// <summary>Computes the losses of some rows.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="width">V.</param>
    /// <param name="logits">[rows, V]; replaced by the gradient of the sum of all losses where <paramref name="differentiate"/> is set.</param>
    /// <param name="targets">The target of each row; negative for none, whose losses and gradients are 0.</param>
    /// <param name="zLossWeight">Weight of the z-loss.</param>
    /// <param name="losses">Receives the cross-entropies in nats.</param>
    /// <param name="zLosses">Receives the z-losses.</param>
    /// <param name="differentiate">Whether to compute the gradient.</param>
    public static void Run<T>(long rows, int width, T* logits, long* targets, float zLossWeight, float* losses, float* zLosses, bool differentiate)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(rows, 4, (from, to) =>
    {
        for (var row = from; row < to; row++)
            Row(width, logits + (row * width), targets[row], zLossWeight, losses + row, zLosses + row, differentiate);
    });

    private static void Row<T>(int width, T* logits, long target, float zLossWeight, float* loss, float* zLoss, bool differentiate)
        where T : unmanaged, INumberFormat<T>
    {
        if (target < 0)
        {
            (*loss, *zLoss) = (0, 0);
            if (differentiate)
                new Span<T>(logits, width).Clear();
            return;
        }
        if (target >= width)
            throw new ArgumentOutOfRangeException(nameof(target), $"target {target} is beyond a vocabulary of {width}");
        var logZ = LogSumExp(width, logits);
        *loss = logZ - T.Read(logits[target]);
        *zLoss = zLossWeight * logZ * logZ;
        if (!differentiate)
            return;
        var factor = 1 + (2 * zLossWeight * logZ);
        var i = 0;
        for (; i + VectorMath.Lanes <= width; i += VectorMath.Lanes)
            if (target >= i && target < i + VectorMath.Lanes)
                break; // the target's own vector is left to the loops below, which need its logits
            else
                T.Store(VectorMath.Exp(T.Load(logits + i) - Vector512.Create(logZ)) * factor, logits + i);
        for (var end = Math.Min(i + VectorMath.Lanes, width); i < end; i++)
            logits[i] = T.Round((MathF.Exp(T.Read(logits[i]) - logZ) * factor) - (i == target ? 1 : 0));
        for (; i + VectorMath.Lanes <= width; i += VectorMath.Lanes)
            T.Store(VectorMath.Exp(T.Load(logits + i) - Vector512.Create(logZ)) * factor, logits + i);
        for (; i < width; i++)
            logits[i] = T.Round((MathF.Exp(T.Read(logits[i]) - logZ) * factor) - (i == target ? 1 : 0));
    }

    private static float LogSumExp<T>(int width, T* logits)
        where T : unmanaged, INumberFormat<T>
    {
        var largest = Vector512.Create(float.NegativeInfinity);
        var whole = width / VectorMath.Lanes * VectorMath.Lanes;
        for (var i = 0; i < whole; i += VectorMath.Lanes)
            largest = Vector512.Max(largest, T.Load(logits + i));
        var max = VectorMath.Largest(largest);
        for (var i = whole; i < width; i++)
            max = MathF.Max(max, T.Read(logits[i]));
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < whole; i += VectorMath.Lanes)
            sums += VectorMath.Exp(T.Load(logits + i) - Vector512.Create(max));
        var sum = Vector512.Sum(sums);
        for (var i = whole; i < width; i++)
            sum += MathF.Exp(T.Read(logits[i]) - max);
        return max + MathF.Log(sum);
    }
}
