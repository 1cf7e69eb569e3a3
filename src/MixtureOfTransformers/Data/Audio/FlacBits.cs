using System.Numerics;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>The bits of a FLAC stream, the highest of each byte first. Never reads a byte before it is needed, so that the checksum is always that of what was used.</summary>
internal sealed class FlacBits(Stream stream)
{
    private const uint Polynomial = 0x8005;

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _next;
    private int _count;
    private ulong _cache;
    private int _have; // bits in the cache that are not used yet, at most 7 between two calls

    /// <summary>CRC-16 of the bytes since it was last set to 0.</summary>
    public uint Checksum { get; set; }

    /// <summary>Whether nothing follows the last whole byte.</summary>
    public bool IsAtEnd => _have == 0 && _next == _count && !Refill();

    /// <summary>Up to 32 bits, unsigned.</summary>
    /// <exception cref="MotException">The stream ends.</exception>
    public uint Read(int bits)
    {
        while (_have < bits)
            Load();
        _have -= bits;
        return bits == 0 ? 0 : (uint)((_cache >> _have) & ((1UL << bits) - 1));
    }

    /// <summary>Up to 33 bits in two's complement.</summary>
    public long ReadSigned(int bits)
    {
        var value = bits == 33 ? ((ulong)Read(1) << 32) | Read(32) : Read(bits);
        return bits == 0 ? 0 : (long)(value << (64 - bits)) >> (64 - bits);
    }

    /// <summary>The number of zeros before the next one.</summary>
    public uint ReadUnary()
    {
        for (var zeros = 0u; ; zeros += (uint)_have, _have = 0)
        {
            if (_have == 0)
                Load();
            var window = _cache & ((1UL << _have) - 1);
            if (window == 0)
                continue;
            var before = _have - 1 - BitOperations.Log2(window);
            _have -= before + 1;
            return zeros + (uint)before;
        }
    }

    /// <summary>Goes on at the next whole byte.</summary>
    public void Align() => _have = 0;

    private void Load()
    {
        if (_next == _count && !Refill())
            throw new MotException("truncated FLAC: it ends within its sound; copy or record it again");
        var value = _buffer[_next++];
        _cache = (_cache << 8) | value;
        _have += 8;
        Checksum ^= (uint)value << 8;
        for (var i = 0; i < 8; i++)
            Checksum = ((Checksum << 1) ^ ((Checksum & 0x8000) != 0 ? Polynomial : 0)) & 0xFFFF;
    }

    private bool Refill()
    {
        (_next, _count) = (0, stream.Read(_buffer));
        return _count > 0;
    }
}
