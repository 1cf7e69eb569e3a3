using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static MixtureOfTransformers.Tests.Data.Audio.TestAudio;

namespace MixtureOfTransformers.Tests.Data.Audio;

public sealed class ResamplerTests
{
    [Theory]
    [InlineData(16000, 8000)]
    [InlineData(8000, 16000)]
    [InlineData(44100, 16000)]
    [InlineData(22050, 8000)]
    [InlineData(11025, 16000)]
    [InlineData(48000, 44100)]
    public void TonesKeepLevelAndPhase(int from, int to)
    {
        foreach (var hertz in new[] { 100.0, 1000, 3500 })
        {
            var result = Sine(hertz, from).AtRate(to);
            var expected = Sine(hertz, to);
            Assert.InRange(result.Samples.Length, expected.Samples.Length, expected.Samples.Length + 1);
            var middle = expected.Samples.Length / 4;
            for (var i = middle; i < 3 * middle; i++)
                Assert.Equal(expected.Samples[i], result.Samples[i], 1e-3f);
        }
    }

    [Theory]
    [InlineData(44100, 16000, 1)]
    [InlineData(44100, 16000, 997)]
    [InlineData(8000, 16000, 64)]
    [InlineData(22050, 8000, 100_000)]
    public void BlocksGiveTheSamplesOfTheWhole(int from, int to, int blockLength)
    {
        var samples = Chirp(100, 3000, from, seconds: 0.1).Samples;
        var blocks = samples.Chunk(blockLength).Select(block => (ReadOnlyMemory<float>)block);
        Assert.Equal(Resampler.Resample(samples, from, to), Resampler.ResampleBlocks(blocks, from, to).SelectMany(block => block.ToArray()));
    }

    [Fact]
    public void TonesAboveTheNewNyquistFrequencyAreGone()
    {
        var level = Level(Sine(5000, 16000).Samples);
        foreach (var hertz in new[] { 4001.0, 5000, 7900 })
            Assert.InRange(Level(Sine(hertz, 16000).AtRate(8000).Samples), 0, level * 1e-3); // 60 dB down
    }

    [Fact]
    public void SilenceConstantsAndNothingStayWhatTheyAre()
    {
        Assert.All(Resampler.Resample(new float[1000], 44100, 8000), s => Assert.Equal(0, s));
        Assert.Empty(Resampler.Resample([], 44100, 8000));
        var constant = Resampler.Resample([.. Enumerable.Repeat(0.5f, 4000)], 8000, 11025);
        Assert.All(constant[1000..4000], s => Assert.Equal(0.5f, s, 1e-4f));
    }

    [Fact]
    public void AbsurdRatesAreNamed()
    {
        Assert.Contains("999", Assert.Throws<MotException>(() => Resampler.Resample([1], 8000, 999)).Message);
        Assert.Contains("1000001", Assert.Throws<MotException>(() => Resampler.Resample([1], 1_000_001, 8000)).Message);
    }
}
