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
