using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Reads one FLAC file (RFC 9639) from a stream, forwards, frame by frame; each frame is held against its checksum.</summary>
internal sealed class FlacReader(Stream stream, double maxSeconds)
{
    private const int StreamInfo = 0;
    private const int SyncCode = 0b11111111111110;
    private const int LeftSide = 8;
    private const int SideRight = 9;
    private const int MidSide = 10;

    private readonly FlacBits _bits = new(stream);
    private int _sampleRate;
    private int _channels;
    private int _width;
    private long _total; // 0 where the file does not tell

    /// <exception cref="MotException">What is wrong with the file.</exception>
    public SoundBlocks Open()
    {
        ReadMetadata();
        if (_total > maxSeconds * _sampleRate)
            throw AudioFile.TooLong(FormattableString.Invariant($"{(double)_total / _sampleRate:0.#} s"), maxSeconds);
        return new(_sampleRate, _total > 0 ? _total : null, Blocks());
    }

    private IEnumerable<ReadOnlyMemory<float>> Blocks()
    {
        var done = 0L;
        while (_total > 0 ? done < _total : !_bits.IsAtEnd)
        {
            var frame = ReadFrame();
            done += frame.Length;
            if (done > maxSeconds * _sampleRate)
                throw AudioFile.TooLong(FormattableString.Invariant($"more than {maxSeconds:0.#} s"), maxSeconds);
            yield return frame;
        }
        if (done == 0)
            throw new MotException("the FLAC file holds no sound");
    }

    private void ReadMetadata()
    {
        _bits.Read(32); // fLaC
        for (var isLast = false; !isLast;)
        {
            isLast = _bits.Read(1) == 1;
            var (type, length) = (_bits.Read(7), _bits.Read(24));
            var rest = length;
            if (type == StreamInfo && length >= 34)
            {
                _bits.Read(32); // sizes of blocks
                _bits.Read(24);
                _bits.Read(24); // and of frames
                _sampleRate = AudioClip.CheckedRate(_bits.Read(20));
                (_channels, _width) = ((int)_bits.Read(3) + 1, (int)_bits.Read(5) + 1);
                _total = ((long)_bits.Read(4) << 32) | _bits.Read(32);
                rest -= 18;
            }
            for (; rest > 0; rest--)
                _bits.Read(8);
        }
        if (_sampleRate == 0)
            throw new MotException("damaged FLAC: it does not say how its sound is written");
    }

    private float[] ReadFrame()
    {
        _bits.Checksum = 0;
        if (_bits.Read(14) != SyncCode)
            throw new MotException("damaged FLAC: a frame begins wrongly");
        _bits.Read(2);
        var (blockCode, rateCode, assignment, widthCode) = ((int)_bits.Read(4), _bits.Read(4), (int)_bits.Read(4), _bits.Read(3));
        _bits.Read(1);
        for (var more = LeadingOnes(_bits.Read(8)); more > 1; more--) // the frame's number, coded like a character of UTF-8
            _bits.Read(8);
        var length = blockCode switch
        {
            1 => 192,
            >= 2 and <= 5 => 576 << (blockCode - 2),
            6 => (int)_bits.Read(8) + 1,
            7 => (int)_bits.Read(16) + 1,
            >= 8 => 256 << (blockCode - 8),
            _ => throw new MotException("damaged FLAC: a block of unknown size"),
        };
        _bits.Read(rateCode == 12 ? 8 : rateCode is 13 or 14 ? 16 : 0);
        _bits.Read(8); // checksum of the header, which that of the frame covers
        var width = widthCode switch { 1 => 8, 2 => 12, 4 => 16, 5 => 20, 6 => 24, 7 => 32, _ => _width };
        if (assignment > MidSide || (assignment < LeftSide ? assignment + 1 : 2) != _channels)
            throw new MotException($"damaged FLAC: a frame of other channels than the {_channels} of the file");
        var channels = new long[_channels][];
        for (var c = 0; c < _channels; c++)
        {
            channels[c] = new long[length];
            var isSide = c == 1 ? assignment is LeftSide or MidSide : assignment == SideRight && c == 0;
            FlacSubframe.Read(_bits, channels[c], width + (isSide ? 1 : 0));
        }
        _bits.Align();
        var checksum = _bits.Checksum;
        if (_bits.Read(16) != checksum)
            throw new MotException("damaged FLAC: the sound does not have the checksum that it should have; copy it again");
        return Mix(channels, assignment, 1.0 / (1L << (width - 1)));
    }

    /// <summary>The mean of the channels.</summary>
    private static float[] Mix(long[][] channels, int assignment, double scale)
    {
        var samples = new float[channels[0].Length];
        for (var i = 0; i < channels[0].Length; i++)
        {
            double sum = assignment switch
            {
                LeftSide => (2 * channels[0][i]) - channels[1][i],
                SideRight => channels[0][i] + (2 * channels[1][i]),
                MidSide => (2 * channels[0][i]) + (channels[1][i] & 1), // left and right are even together where the side is
                _ => channels.Sum(c => c[i]),
            };
            samples[i] = (float)(sum / channels.Length * scale);
        }
        return samples;
    }

    private static int LeadingOnes(uint value)
    {
        var ones = 0;
        while (ones < 8 && (value & (0x80u >> ones)) != 0)
            ones++;
        return ones;
    }
}
