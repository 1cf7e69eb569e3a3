using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation.Speech;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Evaluation.Speech;

public sealed class SpectrogramTests
{
    [Fact]
    public void TimeGoesRightAndFrequencyUp()
    {
        var image = Spectrogram.Draw(TestAudio.Chirp(200, 3500, 8000));
        Assert.Equal((200, 128, 3), (image.Width, image.Height, image.Channels));
        int LoudestRow(int column) => Enumerable.Range(0, image.Height).MaxBy(row => image.Samples.AsSpan(3 * ((row * image.Width) + column), 3).ToArray().Sum(b => b));
        Assert.True(LoudestRow(20) > LoudestRow(100) + 10 && LoudestRow(100) > LoudestRow(180) + 5, $"{LoudestRow(20)}, {LoudestRow(100)}, {LoudestRow(180)}");
    }

    [Fact]
    public void NoSoundIsAPictureToo() => Assert.Equal(2, Spectrogram.Draw(new AudioClip([], 8000)).Width);
}
