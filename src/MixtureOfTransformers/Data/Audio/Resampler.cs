using System.Numerics;
using System.Runtime.InteropServices;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Changes the sample rate by a sinc low-pass under a Kaiser window, for any two rates: one row of weights per phase of the output within the input.</summary>
public static class Resampler
{
    private const int ZeroCrossings = 64; // of the sinc on either side
    private const double Passband = 0.94;  // of the lower of the two Nyquist frequencies; the rest is the filter's slope
    private const double KaiserBeta = 9.0; // about 90 dB down in the stopband

    /// <summary>Samples at another rate, aligned at the first; frequencies above the new Nyquist frequency are taken out.</summary>
    /// <param name="samples">Samples; what lies before and after them counts as silence.</param>
    /// <param name="from">Their rate, in samples per second.</param>
    /// <param name="to">The wanted rate, in samples per second.</param>
    /// <returns>⌈length · to / from⌉ samples.</returns>
    /// <exception cref="MotException">A rate is outside 1000 to 384 000.</exception>
    public static float[] Resample(ReadOnlySpan<float> samples, int from, int to)
    {
        var divisor = Gcd(AudioClip.CheckedRate(from), AudioClip.CheckedRate(to));
        var (phases, stride) = (to / divisor, from / divisor);
        var cutoff = Passband * Math.Min(1, (double)to / from);
        var half = (int)Math.Ceiling(ZeroCrossings / cutoff);
        var weights = new float[phases][];
        var padded = new float[samples.Length + (2 * half) + 1];
        samples.CopyTo(padded.AsSpan(half));
        var result = new float[(int)((((long)samples.Length * to) + from - 1) / from)];
        for (var i = 0; i < result.Length; i++)
        {
            var position = (long)i * stride;
            var phase = (int)(position % phases);
            var row = weights[phase] ??= Weights((double)phase / phases, cutoff, half);
            result[i] = Dot(row, padded.AsSpan((int)(position / phases), row.Length));
        }
        return result;
    }

    /// <summary>The weights of the 2·half + 1 samples around a point that lies <paramref name="fraction"/> of a sample after the middle one; they add up to 1.</summary>
    private static float[] Weights(double fraction, double cutoff, int half)
    {
        var weights = new double[(2 * half) + 1];
        for (var k = 0; k < weights.Length; k++)
        {
            var distance = k - half - fraction;
            var inside = 1 - Math.Pow(distance / (half + 1), 2);
            weights[k] = Sinc(cutoff * distance) * Bessel(KaiserBeta * Math.Sqrt(Math.Max(0, inside)));
        }
        var sum = weights.Sum();
        return [.. weights.Select(w => (float)(w / sum))];
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector<float>>(b);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < x.Length; i++)
            sums += x[i] * y[i];
        var sum = Vector.Sum(sums);
        for (var i = x.Length * Vector<float>.Count; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static double Sinc(double x) => Math.Abs(x) < 1e-9 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);

    /// <summary>The modified Bessel function I₀, by its series.</summary>
    private static double Bessel(double x)
    {
        var (sum, term) = (1.0, 1.0);
        for (var k = 1; term > 1e-12 * sum; k++)
            sum += term *= x * x / (4.0 * k * k);
        return sum;
    }

    private static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
