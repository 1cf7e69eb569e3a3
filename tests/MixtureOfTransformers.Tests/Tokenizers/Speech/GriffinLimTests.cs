using System.IO.Compression;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Tests.Data.Audio;
using MixtureOfTransformers.Tokenizers.Speech;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class GriffinLimTests
{
    private static readonly MelShape _shape = new(8000, 80, 200, 64);

    [Fact]
    public void TonesComeBack()
    {
        Assert.InRange(Error(TestAudio.Sine(440, 8000)), 0, 3);
        Assert.InRange(Error(TestAudio.Chirp(100, 3000, 8000)), 0, 4);
    }

    [Fact]
    public void SpokenDigitsComeBack()
    {
        using var zip = ZipFile.OpenRead(Path.Combine(SampleData.Find("fsdd"), "recordings.zip"));
        foreach (var entry in zip.Entries.Where((_, i) => i % 250 == 0))
        {
            using var stream = entry.Open();
            Assert.InRange(Error(AudioFile.Read(stream, 10)), 0, 3);
        }
    }

    [Fact]
    public void SilenceAndNothingStaySilent()
    {
        Assert.All(Synthesize(MelAnalysisTests.Compute(_shape, new float[800])), s => Assert.Equal(0, s, 1e-3f));
        Assert.Empty(Synthesize([]));
        Assert.Equal(80, Synthesize(MelAnalysisTests.Compute(_shape, [1])).Length);
    }

    [Fact]
    public void TheSameFramesGiveTheSameSound()
    {
        var frames = MelAnalysisTests.Compute(_shape, TestAudio.Sine(440, 8000).Samples);
        Assert.Equal(Synthesize(frames), Synthesize(frames));
    }

    /// <summary>Root mean square of the difference in dB over the bands within 40 dB of the loudest.</summary>
    private static double Error(AudioClip clip)
    {
        var frames = MelAnalysisTests.Compute(_shape, clip.Samples);
        var again = MelAnalysisTests.Compute(_shape, Synthesize(frames));
        var heard = frames.Max(f => f.Max()) - 40;
        var squares = frames.Zip(again).Skip(2).Take(frames.Count - 4).SelectMany(p => p.First.Zip(p.Second)).Where(v => v.First > heard).Select(v => Math.Pow(v.First - v.Second, 2));
        return Math.Sqrt(squares.Average());
    }

    private static float[] Synthesize(List<float[]> frames)
    {
        using var scope = NewDisposeScope();
        using var griffinLim = new GriffinLim(_shape);
        return griffinLim.Synthesize(frames.Count == 0 ? empty(0, _shape.MelCount) : tensor(frames.SelectMany(f => f).ToArray()).view(-1, _shape.MelCount));
    }
}
