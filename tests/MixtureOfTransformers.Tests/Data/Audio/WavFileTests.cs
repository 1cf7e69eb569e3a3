using System.Buffers.Binary;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using static MixtureOfTransformers.Tests.Data.Audio.TestAudio;

namespace MixtureOfTransformers.Tests.Data.Audio;

public sealed class WavFileTests : IDisposable
{
    private static readonly double[] _values = [0, 0.5, -0.5, 0.25, -1];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 16)]
    [InlineData(1, 24)]
    [InlineData(1, 32)]
    [InlineData(3, 32)]
    [InlineData(3, 64)]
    public void EveryFormatGivesTheSameSound(int tag, int bits)
    {
        var data = Chunk("data", [.. _values.SelectMany(v => Bytes(v, tag, bits))]);
        foreach (var format in new[] { Format(tag, 1, 11025, bits), Extensible(tag, 1, 11025, bits) })
        {
            var clip = Read(Riff(Chunk("fmt ", format), data));
            Assert.Equal(_values.Select(v => (float)v), clip.Samples);
            Assert.Equal(11025, clip.SampleRate);
        }
    }

    [Fact]
    public void ChannelsAreMixedToTheirMean() =>
        Assert.Equal([0.5f, -0.25f], Read(Riff(Chunk("fmt ", Format(1, 2, 8000, 16)), Chunk("data", [.. new[] { 0.5, 0.5, -0.5, 0 }.SelectMany(v => Bytes(v, 1, 16))]))).Samples);

    [Fact]
    public void OtherChunksAreSkippedWhereverTheyStand()
    {
        var data = Chunk("data", [.. _values.SelectMany(v => Bytes(v, 1, 16))]);
        var clip = Read(Riff(Chunk("LIST", new byte[7]), Chunk("fmt ", Format(1, 1, 8000, 16)), Chunk("odd ", [1]), Chunk("fact", new byte[4]), data, Chunk("id3 ", new byte[9])));
        Assert.Equal(5, clip.Samples.Length);
    }

    [Fact]
    public void SoundMayComeBeforeItsFormat()
    {
        var data = Chunk("data", [.. _values.SelectMany(v => Bytes(v, 1, 16))]);
        Assert.Equal(5, Read(Riff(data, Chunk("LIST", new byte[6]), Chunk("fmt ", Format(1, 1, 8000, 16)))).Samples.Length);
    }

    [Theory]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0x7FFFF000u)]
    public void LengthsThatAPipeLeavesOpenEndWithTheFile(uint declared) =>
        Assert.Equal(5, Read(Riff(Chunk("fmt ", Format(1, 1, 8000, 16)), Chunk("data", [.. _values.SelectMany(v => Bytes(v, 1, 16))], declared))).Samples.Length);

    [Fact]
    public void WrittenFilesComeBackToSixteenBits()
    {
        var clip = Chirp(100, 3000, 8000);
        WavFile.Write(_folder.File("a/chirp.wav"), clip);
        var read = AudioFile.Read(_folder.File("a/chirp.wav"));
        Assert.Equal((8000, clip.Samples.Length), (read.SampleRate, read.Samples.Length));
        Assert.All(clip.Samples.Zip(read.Samples), pair => Assert.Equal(pair.First, pair.Second, 1 / 65536f));
        Assert.Equal([1 - (1 / 32768f), -1], Read(WavFile.Encode(new([3, -3], 8000))).Samples);
    }

    [Fact]
    public void DamageIsNamed()
    {
        byte[] format = Chunk("fmt ", Format(1, 1, 8000, 16)), data = Chunk("data", new byte[100]), good = Riff(format, data);
        void Fails(string words, byte[] file) => Assert.Contains(words, Assert.Throws<MotException>(() => Read(file)).Message);
        Fails("empty", []);
        Fails("truncated WAV: 7 bytes", good[..7]);
        Fails("ends within its format", good[..30]);
        Fails("ends before its sound", good[..36]);
        Fails("declares 50 samples but holds 25", good[..94]);
        Fails("not a WAV", [0x89, .. "PNG\r\n"u8, 0x1A, 10, .. new byte[50]]);
        Fails("no samples", Riff(format, Chunk("data", [])));
        Fails("ends before its sound", Riff(format));
        Fails("ends within its sound", Riff(data)[..90]);
        Fails("ends before its format", Riff(data));
        Fails("a rate of 0 samples", Riff(Chunk("fmt ", Format(1, 1, 0, 16)), data));
        Fails("a rate of 2000000000", Riff(Chunk("fmt ", Format(1, 1, 2_000_000_000, 16)), data));
        Fails("format 6 is compressed", Riff(Chunk("fmt ", Format(6, 1, 8000, 8)), data));
        Fails("12 bits", Riff(Chunk("fmt ", Format(1, 1, 8000, 12)), data));
        Fails("it says 4", Riff(Chunk("fmt ", Format(1, 1, 8000, 16, 4)), data));
        Fails("0 channels", Riff(Chunk("fmt ", Format(1, 0, 8000, 16)), data));
        Fails("not a number", Riff(Chunk("fmt ", Format(3, 1, 8000, 32)), Chunk("data", [.. Bytes(double.NaN, 3, 32)])));
        Assert.Contains("nowhere.wav does not exist", Assert.Throws<MotException>(() => AudioFile.Read("nowhere.wav")).Message);
    }

    [Fact]
    public void RecordingsBeyondTheLimitAreRefusedByTheirHeader()
    {
        byte[] header = Riff(Chunk("fmt ", Format(1, 1, 16000, 16)), Chunk("data", [], 2 * 16000 * 3600));
        Assert.Contains("a recording of 3600 s exceeds the limit of 30 s", Assert.Throws<MotException>(() => Read(header, 30)).Message);
        var open = Riff(Chunk("fmt ", Format(1, 1, 8000, 8)), Chunk("data", new byte[100_000], uint.MaxValue));
        Assert.Contains("more than", Assert.Throws<MotException>(() => Read(open, 1)).Message);
    }

    private static byte[] Bytes(double value, int tag, int bits)
    {
        var bytes = new byte[bits / 8];
        if (tag == 3 && bits == 32)
            BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)value);
        else if (tag == 3)
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        else
        {
            var integer = (long)(value * (1L << (bits - 1))) + (bits == 8 ? 128 : 0);
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(integer >> (8 * i));
        }
        return bytes;
    }

    [Fact]
    public void SoundIsWrittenAsItComesAndOnlyACompleteFileHasItsName()
    {
        var clip = Sine(400, 8000);
        WavFile.Write(_folder.File("a.wav"), 8000, clip.Samples.Chunk(33));
        Assert.Equal(WavFile.Encode(clip), File.ReadAllBytes(_folder.File("a.wav")));
        Assert.Throws<MotException>(() => WavFile.Write(_folder.File("b.wav"), 8000, clip.Samples.Chunk(33).Select((block, i) => i < 9 ? block : throw new MotException("stopped"))));
        Assert.Equal(["a.wav"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void SoundThatNoWavCanHoldIsRefusedBeforeItIsMade()
    {
        static IEnumerable<float[]> Never()
        {
            yield return [1];
            throw new InvalidOperationException("made");
        }
        Assert.Contains("4294967296 bytes exceeds the 4294967295", Assert.Throws<MotException>(() => WavFile.Write(_folder.File("a.wav"), 8000, Never(), 1L << 31)).Message);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }
}
