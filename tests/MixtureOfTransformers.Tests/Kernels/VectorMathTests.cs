using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed class VectorMathTests
{
    private const float Smallest = -87.33654f; // e to the power of it is the smallest normal number
    private const string NoAvx512 = "this processor has no AVX-512";
    private const float Largest = 88.72283f;

    [Fact]
    public void TheLargestMayBeInAnyLaneAndNanStaysNan()
    {
        for (var lane = 0; lane < VectorMath.Lanes; lane++)
        {
            var x = Vector512.Create(-3f);
            Assert.Equal(-2, VectorMath.Largest(x.WithElement(lane, -2f)));
            Assert.Equal(float.NaN, VectorMath.Largest(x.WithElement(lane, float.NaN)));
        }
    }

    [Fact]
    public void ExponentialsAreWithinTwoUnitsInTheLastPlace()
    {
        var worst = 0.0;
        foreach (var x in Numbers(40_009).Where(x => x is >= Smallest and <= Largest))
        {
            var (exact, y) = (Math.Exp(x), Exp(x));
            var unit = MathF.BitIncrement((float)exact) - (double)(float)exact;
            worst = Math.Max(worst, double.IsFinite(unit) ? Math.Abs(y - exact) / unit : 0);
        }
        Assert.InRange(worst, 0.5, 2); // NaN fails
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(1e-40f, 1f)]
    [InlineData(-1e-40f, 1f)]
    [InlineData(-87.3366f, 0f)]
    [InlineData(-103f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(88.73f, float.PositiveInfinity)]
    [InlineData(float.MaxValue, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void ExponentialsOfExtremesAreExact(float x, float expected) => Assert.Equal(expected, Exp(x));

    [Fact]
    public void ExponentialsAreFiniteAndNormalUpToTheirBounds()
    {
        Assert.InRange(Exp(Smallest), 1.17549e-38f, 1.17550e-38f);
        Assert.InRange(Exp(Largest), 3.4027e38f, float.MaxValue);
    }

    [Fact]
    public void EveryLaneHasItsOwnExponential()
    {
        float[] x = [.. Enumerable.Range(0, 16).Select(i => (i * 13 % 16 * 11f) - 90)];
        var y = VectorMath.Exp(Vector512.Create(x));
        Assert.All(x, (value, i) => Assert.Equal(Exp(value), y[i]));
    }

    [Fact]
    public void PowersOfTwoAreWithinTwoUnitsInTheLastPlace()
    {
        Assert.SkipUnless(Avx512DQ.IsSupported, NoAvx512);
        var worst = 0.0;
        foreach (var x in Numbers(40_009).Where(x => x is >= -126 and < 127.99f))
        {
            var exact = Math.Pow(2, x);
            worst = Math.Max(worst, Math.Abs(Exp2(x) - exact) / (MathF.BitIncrement((float)exact) - (double)(float)exact));
        }
        Assert.InRange(worst, 0.5, 2);
    }

    [Theory]
    [InlineData(-151f, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void PowersOfTwoOfExtremesAreExact(float x, float expected)
    {
        Assert.SkipUnless(Avx512DQ.IsSupported, NoAvx512);
        Assert.Equal(expected, Exp2(x));
    }

    [Fact]
    public void TheLargestIsFoundInEveryLane() => Assert.All(Enumerable.Range(0, 16), lane => Assert.Equal(-1, VectorMath.Largest(Vector512.Create(-2f).WithElement(lane, -1))));

    [Fact]
    public void SigmoidsAreExactToAMillionth() => Assert.All(Numbers(400_009).Where(x => x is > -87 and < 200), x =>
    {
        var exact = 1 / (1 + Math.Exp(-(double)x));
        Assert.InRange(Sigmoid(x), exact * (1 - 1e-6), exact * (1 + 1e-6));
    });

    [Theory]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.MinValue, 0f)]
    [InlineData(0f, 0.5f)]
    [InlineData(float.MaxValue, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    [InlineData(float.NaN, float.NaN)]
    public void SigmoidsOfExtremesAreExact(float x, float expected) => Assert.Equal(expected, Sigmoid(x));

    private static float Exp(float x) => VectorMath.Exp(Vector512.Create(x))[7];

    private static float Exp2(float x) => VectorMath.Exp2(Vector512.Create(x))[7];

    private static float Sigmoid(float x) => VectorMath.Sigmoid(Vector512.Create(x))[7];

    /// <summary>Every <paramref name="step"/>th pattern of bits.</summary>
    private static IEnumerable<float> Numbers(uint step)
    {
        for (var bits = 0L; bits <= uint.MaxValue; bits += step)
            yield return BitConverter.UInt32BitsToSingle((uint)bits);
    }
}
