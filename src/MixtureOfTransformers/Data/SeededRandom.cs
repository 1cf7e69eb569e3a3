using System.Numerics;

namespace MixtureOfTransformers.Data;

/// <summary>Random numbers that are the same on every machine and in every version of .NET: xoshiro256** seeded through SplitMix64 (Blackman and Vigna).</summary>
public sealed class SeededRandom
{
    private readonly ulong[] _state = new ulong[4];

    /// <summary>A generator for a seed and any number of keys; different keys give unrelated streams.</summary>
    /// <param name="seed">The user's seed.</param>
    /// <param name="keys">What the stream is for, for instance the number of a document.</param>
    public SeededRandom(long seed, params ReadOnlySpan<long> keys)
    {
        var mixer = (ulong)seed;
        foreach (var key in keys)
            mixer = SplitMix(ref mixer) ^ (ulong)key;
        for (var i = 0; i < _state.Length; i++)
            _state[i] = SplitMix(ref mixer);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        var s = _state;
        var result = BitOperations.RotateLeft(s[1] * 5, 7) * 9;
        var t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = BitOperations.RotateLeft(s[3], 45);
        return result;
    }

    /// <summary>An unbiased number in [0, <paramref name="limit"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not positive.</exception>
    public int Next(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var bound = (ulong)limit;
        var high = Math.BigMul(NextBits(), bound, out var low);
        if (low < bound)
            for (var threshold = (0 - bound) % bound; low < threshold;)
                high = Math.BigMul(NextBits(), bound, out low);
        return (int)high;
    }

    /// <summary>A number in [0, 1).</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public float Between(float low, float high) => low + (float)NextUnit() * (high - low);

    /// <summary>True with the given probability.</summary>
    public bool Chance(double probability) => NextUnit() < probability;

    /// <summary>One of <paramref name="items"/>, each equally likely.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Puts <paramref name="items"/> in random order (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
