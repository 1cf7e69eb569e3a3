using MixtureOfTransformers.Tests.Data.Audio;
using MixtureOfTransformers.Tokenizers.Speech;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class MelAnalysisTests
{
    private static readonly MelShape _shape = new(8000, 80, 200, 40);

    [Fact]
    public void FramesAreThoseOfTheDefinition()
    {
        var random = new Random(1);
        float[] samples = [.. TestAudio.Chirp(50, 3900, 8000, seconds: 0.17).Samples.Select(s => s + (0.05f * ((float)random.NextDouble() - 0.5f)))];
        var frames = Compute(_shape, samples);
        Assert.Equal(17, frames.Count);
        for (var m = 0; m < frames.Count; m++)
            for (var f = 0; f < _shape.MelCount; f++)
                Assert.Equal(Definition(samples, m, f), frames[m][f], 0.01);
    }

    [Fact]
    public void ScaleIsSlaneys()
    {
        Assert.Equal(15, MelFilters.MelOf(1000), 1e-9); // the toolbox's corner
        Assert.Equal(42, MelFilters.MelOf(6400), 1e-9); // 27 steps of 6.4^(1/27) above it
        foreach (var hertz in new[] { 0.0, 440, 1000, 5000 })
            Assert.Equal(hertz, MelFilters.HertzOf(MelFilters.MelOf(hertz)), 1e-6);
    }

    [Fact]
    public void EveryBandHearsSomething()
    {
        foreach (var rate in new[] { 8000, 16000, 24000 })
        {
            var filters = MelFilters.Create(64, rate, rate / 1000 * 32);
            Assert.All(Enumerable.Range(0, 64), m => Assert.Contains(Enumerable.Range(0, filters.GetLength(1)), k => filters[m, k] > 0.2));
        }
    }

    [Fact]
    public void FullScaleIsZeroDbAndSilenceTheFloor()
    {
        Assert.InRange(Compute(_shape, TestAudio.Sine(1000, 8000, amplitude: 1).Samples)[20].Max(), -2, 3);
        Assert.All(Compute(_shape, new float[800]), frame => Assert.All(frame, db => Assert.Equal(MelShape.FloorDb, db, 1e-3)));
        Assert.Empty(Compute(_shape, []));
        Assert.Single(Compute(_shape, [1]));
        Assert.All(Compute(_shape, [.. TestAudio.Sine(300, 8000, amplitude: 50).Samples.Select(s => Math.Clamp(s, -1, 1))]), frame => Assert.All(frame, db => Assert.InRange(db, -80, 10)));
    }

    [Fact]
    public void LongSoundsGiveTheSameFramesInPieces()
    {
        var random = new Random(2);
        float[] samples = [.. Enumerable.Range(0, 80 * 9000).Select(_ => (float)random.NextDouble() - 0.5f)];
        var (whole, tail) = (Compute(_shape, samples), Compute(_shape, samples[(80 * 8000)..]));
        for (var m = 100; m < 1000; m += 50) // across the seam at frame 8192
            Assert.Equal(tail[m], whole[8000 + m]);
    }

    internal static List<float[]> Compute(MelShape shape, float[] samples)
    {
        using var scope = NewDisposeScope();
        using var analysis = new MelAnalysis(shape);
        var frames = analysis.Compute(samples);
        return frames.shape[0] == 0 ? [] : [.. frames.data<float>().ToArray().Chunk(shape.MelCount)];
    }

    /// <summary>One value from first principles: window, discrete Fourier transform term by term, triangle, logarithm.</summary>
    private static double Definition(float[] samples, int frame, int band)
    {
        const int Fft = 256;
        var window = Enumerable.Range(0, 200).Select(i => Math.Pow(Math.Sin(Math.PI * i / 200), 2)).ToArray();
        var corners = Enumerable.Range(0, 42).Select(i => MelFilters.HertzOf(MelFilters.MelOf(4000) * i / 41)).ToArray();
        var sum = 0.0;
        for (var k = 0; k <= Fft / 2; k++)
        {
            var (re, im) = (0.0, 0.0);
            for (var i = 0; i < 200; i++)
            {
                var at = (frame * 80) + 40 - 100 + i; // the frame is centred on the middle of its hop
                var sample = at >= 0 && at < samples.Length ? samples[at] * window[i] : 0;
                re += sample * Math.Cos(2 * Math.PI * k * i / Fft);
                im += sample * Math.Sin(2 * Math.PI * k * i / Fft);
            }
            var hertz = k * 8000.0 / Fft;
            var (low, middle, high) = (corners[band], corners[band + 1], corners[band + 2]);
            var weight = hertz <= low || hertz >= high ? 0 : hertz < middle ? (hertz - low) / (middle - low) : (high - hertz) / (high - middle);
            sum += weight * 4 * ((re * re) + (im * im)) / Math.Pow(window.Sum(), 2);
        }
        return 10 * Math.Log10(Math.Max(sum, 1e-8));
    }
}
