using MixtureOfTransformers.Kernels;
using static MixtureOfTransformers.Tests.Kernels.TestNumbers;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class TokenAttentionTests
{
    private const int Heads = 3, HeadDim = 32;

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(16)]
    [InlineData(37)]
    public void EveryHeadIsASoftmaxOverTheKeys(int keys)
    {
        Check<Fp32>(keys);
        Check<Bf16>(keys);
    }

    [Fact]
    public void AHeadIsTurnedByItsPositionTimesEachFrequency()
    {
        const double Theta = 100;
        using var rotation = new TokenRotation(40, HeadDim, Theta);
        foreach (var position in (int[])[0, 1, 39])
        {
            var x = Draw(HeadDim, 5);
            var expected = new double[HeadDim];
            for (var i = 0; i < HeadDim / 2; i++)
            {
                var (sin, cos) = Math.SinCos(position * Math.Pow(Theta, -2.0 * i / HeadDim));
                (expected[i], expected[i + (HeadDim / 2)]) = ((x[i] * cos) - (x[i + (HeadDim / 2)] * sin), (x[i + (HeadDim / 2)] * cos) + (x[i] * sin));
            }
            fixed (float* head = x)
                rotation.Turn(head, position);
            Near(expected, x);
        }
    }

    private static void Check<T>(int keys)
        where T : unmanaged, INumberFormat<T>
    {
        var (q, k, v) = (Draw(Heads * HeadDim, 1, 4), Round<T>(Draw(keys * HeadDim, 2)), Round<T>(Draw(keys * HeadDim, 3)));
        var stride = (keys + 15) / 16 * 16;
        var (scores, a) = (new float[Heads * stride], new float[Heads * HeadDim]);
        fixed (float* from = q, room = scores, to = a)
        fixed (T* keys_SK = k, values_SK = v)
            TokenAttention<T>.Attend(from, Heads, HeadDim, keys_SK, values_SK, keys, room, stride, to);

        var (key, value, expected) = (Read(k), Read(v), new double[Heads * HeadDim]);
        for (var head = 0; head < Heads; head++)
        {
            var weights = Enumerable.Range(0, keys).Select(s => Math.Exp(Enumerable.Range(0, HeadDim).Sum(d => q[(head * HeadDim) + d] * key[(s * HeadDim) + d]) / Math.Sqrt(HeadDim))).ToArray();
            for (var d = 0; d < HeadDim; d++)
                expected[(head * HeadDim) + d] = Enumerable.Range(0, keys).Sum(s => weights[s] / weights.Sum() * value[(s * HeadDim) + d]);
        }
        Near(expected, a);
    }
}
