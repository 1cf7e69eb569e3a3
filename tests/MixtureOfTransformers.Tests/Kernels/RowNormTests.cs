using MixtureOfTransformers.Kernels;
using static MixtureOfTransformers.Tests.Kernels.TestNumbers;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class RowNormTests
{
    private const int Dim = 48;
    private const double Epsilon = 0.01; // large enough to show
    private readonly float[] _x = Draw(Dim, 1), _w = Draw(Dim, 2), _b = Draw(Dim, 3);

    [Fact]
    public void RmsDividesByTheRootMeanSquare()
    {
        var y = new float[Dim];
        fixed (float* x = _x, w = _w, to = y)
            RowNorm.Rms(x, w, Dim, Epsilon, to);
        Near(Rms(), y);
    }

    [Fact]
    public void AddRmsAddsTheSame()
    {
        var y = (float[])_b.Clone();
        fixed (float* x = _x, w = _w, to = y)
            RowNorm.AddRms(x, w, Dim, Epsilon, to);
        Near([.. Rms().Zip(_b, (a, b) => a + b)], y);
    }

    [Fact]
    public void LayerTakesTheMeanOff()
    {
        var mean = _x.Average(v => (double)v);
        var deviation = Math.Sqrt(_x.Average(v => (v - mean) * (v - mean)) + Epsilon);
        var y = (float[])_x.Clone();
        fixed (float* w = _w, b = _b, inPlace = y)
            RowNorm.Layer(inPlace, w, b, Dim, Epsilon, inPlace);
        Near([.. _x.Select((v, i) => ((v - mean) / deviation * _w[i]) + _b[i])], y);
    }

    [Fact]
    public void TheGateIsSiluTimesUp()
    {
        var y = Draw(Dim, 4, 20);
        double[] expected = [.. y.Select((g, i) => g / (1 + Math.Exp(-g)) * _w[i])];
        fixed (float* gate = y, up = _w)
            RowGate.SiluTimes(gate, up, Dim);
        Near(expected, y);
    }

    private double[] Rms()
    {
        var rms = Math.Sqrt(_x.Average(v => (double)v * v) + Epsilon);
        return [.. _x.Select((v, i) => v / rms * _w[i])];
    }
}
