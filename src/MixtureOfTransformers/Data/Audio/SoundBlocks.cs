using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Sound that comes block by block, so that a recording of any length takes little memory.</summary>
/// <param name="SampleRate">Samples per second.</param>
/// <param name="Length">Samples, where the file tells before its sound; null otherwise.</param>
/// <param name="Blocks">The samples, one channel, in order; to be read once, while the file is open. Each block is valid until the next is asked for.</param>
internal sealed record SoundBlocks(int SampleRate, long? Length, IEnumerable<ReadOnlyMemory<float>> Blocks)
{
    /// <summary>The same sound at another rate; each sample is that of <see cref="Resampler"/> on the whole.</summary>
    public SoundBlocks AtRate(int sampleRate) => sampleRate == SampleRate ? this : new(sampleRate, null, Resampler.ResampleBlocks(Blocks, SampleRate, sampleRate));

    /// <summary>The same sound where it is no longer than so many seconds; longer sound is refused before it is read where its length is known, or else as soon as it is.</summary>
    /// <param name="seconds">The limit.</param>
    /// <param name="reason">Why it is the limit, for the message.</param>
    /// <exception cref="MotException">It is longer, and its length is known.</exception>
    public SoundBlocks AtMost(double seconds, string reason)
    {
        var most = (long)Math.Floor((seconds * SampleRate) + 1e-6); // the product of whole seconds may come out a trifle too small
        var limit = FormattableString.Invariant($"{Math.Floor((decimal)seconds * 100) / 100:0.##} s");
        MotException TooLong(string length) => new($"a recording of {length} exceeds {limit}: {reason}");
        if (Length > most)
            throw TooLong(FormattableString.Invariant($"{Math.Ceiling((decimal)Length / SampleRate * 100) / 100:0.##} s"));

        IEnumerable<ReadOnlyMemory<float>> Counted()
        {
            var count = 0L;
            foreach (var block in Blocks)
                yield return (count += block.Length) <= most ? block : throw TooLong($"more than {limit}");
        }
        return this with { Blocks = Counted() };
    }

    /// <summary>All of it.</summary>
    /// <exception cref="MotException">It is longer than memory can hold.</exception>
    public AudioClip ToClip()
    {
        var samples = new List<float>((int)Math.Min(Length ?? 0, Array.MaxLength / 2));
        foreach (var block in Blocks)
        {
            if ((long)samples.Count + block.Length > Array.MaxLength / 2)
                throw new MotException($"a recording of more than {Array.MaxLength / 2} samples does not fit into memory; cut it into pieces");
            samples.AddRange(block.Span);
        }
        return new([.. samples], SampleRate);
    }
}
