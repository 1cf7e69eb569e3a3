using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data.Audio;

public sealed class AudioFileTests
{
    [Theory]
    [InlineData("mono-8.flac", "mono.wav")]
    [InlineData("mono-0.flac", "mono.wav")]
    [InlineData("stereo-8.flac", "stereo.wav")]
    [InlineData("stereo-256.flac", "stereo.wav")]
    public void FlacGivesTheSamplesOfTheWav(string flac, string wav)
    {
        var (expected, clip) = (AudioFile.Read(Golden(wav)), AudioFile.Read(Golden(flac)));
        Assert.Equal(expected.SampleRate, clip.SampleRate);
        Assert.Equal(expected.Samples, clip.Samples);
    }

    [Fact]
    public void VorbisGivesAboutTheSameSound()
    {
        var (expected, clip) = (AudioFile.Read(Golden("mono.wav")), AudioFile.Read(Golden("mono.ogg")));
        Assert.Equal((8000, expected.Samples.Length), (clip.SampleRate, clip.Samples.Length));
        var error = TestAudio.Level([.. expected.Samples.Zip(clip.Samples, (a, b) => a - b)]);
        Assert.True(error < 0.1 * TestAudio.Level(expected.Samples), $"{error}");
    }

    [Theory]
    [InlineData("mono-8.flac")]
    [InlineData("mono.ogg")]
    public void DamageOfAnyKindIsToldAsSuch(string name)
    {
        var file = File.ReadAllBytes(Golden(name));
        var random = new Random(1);
        var told = 0;
        for (var i = 0; i < 200; i++)
        {
            var damaged = file.ToArray();
            if (i % 2 == 0)
                damaged = damaged[..random.Next(damaged.Length)];
            else
                damaged[random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            try
            {
                Read(damaged);
            }
            catch (MotException)
            {
                told++;
            }
        }
        Assert.True(told > 50, $"{told}"); // the rest fell on what does not matter, or, in Ogg, was left out by the library
    }

    [Fact]
    public void EveryCutOfFlacIsNamed()
    {
        var file = File.ReadAllBytes(Golden("mono-8.flac"));
        for (var length = 4; length < file.Length; length += 97)
            Assert.Contains("truncated FLAC", Assert.Throws<MotException>(() => Read(file[..length])).Message);
    }

    [Fact]
    public void EveryChangedByteOfSoundIsNoticedByTheChecksum()
    {
        var file = File.ReadAllBytes(Golden("mono-0.flac"));
        for (var at = 400; at < file.Length; at += 101)
        {
            var damaged = file.ToArray();
            damaged[at] ^= 0x10;
            Assert.Contains("FLAC", Assert.Throws<MotException>(() => Read(damaged)).Message);
        }
    }

    [Fact]
    public void OtherFilesAndLongRecordingsAreRefused()
    {
        Assert.Contains("empty", Assert.Throws<MotException>(() => Read([])).Message);
        Assert.Contains("not a WAV, FLAC or Ogg Vorbis file", Assert.Throws<MotException>(() => Read([0x89, .. "PNG\r\n"u8, 0x1A, 10, .. new byte[50]])).Message);
        Assert.Contains("a recording of 0.3 s exceeds the limit of 0.1 s", Assert.Throws<MotException>(() => AudioFile.Read(Golden("mono-8.flac"), 0.1)).Message);
        Assert.Contains("more than 0.1 s", Assert.Throws<MotException>(() => AudioFile.Read(Golden("mono.ogg"), 0.1)).Message);
        Assert.Contains("exceeds the limit of 1000 bytes", Assert.Throws<MotException>(() => VorbisReading.Open(File.OpenRead(Golden("mono.ogg")), 10, maxBytes: 1000)).Message);
        Assert.Contains("nowhere.flac does not exist", Assert.Throws<MotException>(() => AudioFile.Read("nowhere.flac")).Message);
    }

    [Theory]
    [InlineData("mono.wav")]
    [InlineData("mono-8.flac")]
    [InlineData("mono.ogg")]
    public void NoMoreIsReadThanIsWanted(string name)
    {
        AudioClip AtMost(double seconds) => AudioFile.Use(Golden(name), 100, sound => sound.AtMost(seconds, "that is all there is room for").ToClip());
        var whole = AudioFile.Read(Golden(name));
        Assert.Equal(whole.Samples, AtMost(whole.Seconds).Samples);
        Assert.Matches($"{name}: a recording of (0\\.\\d+ s|more than 0.1 s) exceeds 0.1 s: that is all there is room for", Assert.Throws<MotException>(() => AtMost(0.1)).Message);
    }

    [Fact]
    public void TheStatedLimitIsKeptToTheSample()
    {
        static SoundBlocks Sound(int length, bool isLengthKnown = true) => new(8000, isLengthKnown ? length : null, [new float[length]]);
        foreach (var tokens in Enumerable.Range(1, 1000)) // at 25 a second
            Assert.Equal(320 * tokens, Sound(320 * tokens).AtMost(tokens / 25.0, "").ToClip().Samples.Length);
        Assert.Equal("a recording of 10.09 s exceeds 10.08 s: no more fits", Assert.Throws<MotException>(() => Sound(80_641).AtMost(252 / 25.0, "no more fits")).Message);
        Assert.Equal("a recording of more than 10.08 s exceeds 10.08 s: no more fits", Assert.Throws<MotException>(() => Sound(80_641, isLengthKnown: false).AtMost(252 / 25.0, "no more fits").ToClip()).Message);
    }

    private static AudioClip Read(byte[] file) => AudioFile.Read(new MemoryStream(file), 100);

    private static string Golden(string name) => Repository.PathTo("tests", "MixtureOfTransformers.Tests", "Golden", "audio", name);
}
