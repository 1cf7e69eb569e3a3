using System.Numerics;
using System.Runtime.InteropServices;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>The filter between two sample rates. Padded samples are those of the sound with <see cref="Margin"/> zeros before it.</summary>
internal sealed class ResamplingFilter
{
    private const int ZeroCrossings = 64; // of the sinc on either side
    private const double Passband = 0.94;  // of the lower of the two Nyquist frequencies; the rest is the filter's slope
    private const double KaiserBeta = 9.0; // about 90 dB down in the stopband

    private readonly int _phases;
    private readonly int _stride;
    private readonly double _cutoff;
    private readonly float[][] _weights;

    /// <exception cref="MotException">A rate is out of its limits.</exception>
    public ResamplingFilter(int from, int to)
    {
        var divisor = Gcd(AudioClip.CheckedRate(from), AudioClip.CheckedRate(to));
        (_phases, _stride) = (to / divisor, from / divisor);
        _cutoff = Passband * Math.Min(1, (double)to / from);
        Margin = (int)Math.Ceiling(ZeroCrossings / _cutoff);
        _weights = new float[_phases][];
    }

    /// <summary>Samples of the input that the filter sees on either side.</summary>
    public int Margin { get; }

    /// <summary>Samples of the input that one of the output depends on.</summary>
    public int Span => (2 * Margin) + 1;

    /// <summary>Samples of the output of so many of the input.</summary>
    public long CountOf(long length) => ((length * _phases) + _stride - 1) / _stride;

    /// <summary>The first padded sample that a sample of the output depends on.</summary>
    public long FirstOf(long index) => index * _stride / _phases;

    /// <summary>A sample of the output.</summary>
    /// <param name="index">Which.</param>
    /// <param name="padded">Padded samples from <see cref="FirstOf"/> on.</param>
    public float Sample(long index, ReadOnlySpan<float> padded)
    {
        var phase = (int)(index * _stride % _phases);
        return Dot(_weights[phase] ??= Weights((double)phase / _phases, _cutoff, Margin), padded[..Span]);
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
