using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>Seeded arrays in a format, with the numbers that they hold.</summary>
internal static class TestNumbers
{
    /// <summary>Numbers from -scale to scale.</summary>
    public static float[] Draw(int count, long seed, float scale = 1)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextUnit()) - 1) * scale)];
    }

    public static T[] Round<T>(float[] values)
        where T : unmanaged, INumberFormat<T> => [.. values.Select(T.Round)];

    public static double[] Read<T>(T[] values)
        where T : unmanaged, INumberFormat<T> => [.. values.Select(v => (double)T.Read(v))];

    /// <summary>Asserts equality up to <paramref name="tolerance"/> of the largest expected number.</summary>
    public static void Near(double[] expected, float[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * scale, $"number {i} is {actual[i]}, not {expected[i]}");
    }
}
