using System.Runtime.InteropServices;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Audio;

/// <summary>Changes the sample rate by a sinc low-pass under a Kaiser window, for any two rates: one row of weights per phase of the output within the input.</summary>
public static class Resampler
{
    /// <summary>Samples at another rate, aligned at the first; frequencies above the new Nyquist frequency are taken out.</summary>
    /// <param name="samples">Samples; what lies before and after them counts as silence.</param>
    /// <param name="from">Their rate, in samples per second.</param>
    /// <param name="to">The wanted rate, in samples per second.</param>
    /// <returns>⌈length · to / from⌉ samples.</returns>
    /// <exception cref="MotException">A rate is outside 1000 to 384 000.</exception>
    public static float[] Resample(ReadOnlySpan<float> samples, int from, int to)
    {
        var filter = new ResamplingFilter(from, to);
        var padded = new float[samples.Length + (2 * filter.Margin) + 1];
        samples.CopyTo(padded.AsSpan(filter.Margin));
        var result = new float[(int)filter.CountOf(samples.Length)];
        for (var i = 0; i < result.Length; i++)
            result[i] = filter.Sample(i, padded.AsSpan((int)filter.FirstOf(i)));
        return result;
    }

    /// <summary>The same of sound that comes block by block.</summary>
    internal static IEnumerable<ReadOnlyMemory<float>> ResampleBlocks(IEnumerable<ReadOnlyMemory<float>> blocks, int from, int to)
    {
        var filter = new ResamplingFilter(from, to);
        var kept = new List<float>(new float[filter.Margin]);
        var (first, length, next) = (0L, 0L, 0L); // the padded sample that `kept` begins with, samples so far, the next of the output
        foreach (var block in blocks)
        {
            kept.AddRange(block.Span);
            length += block.Length;
            yield return Produce();
        }
        kept.AddRange(new float[filter.Margin + 1]);
        yield return Produce();

        float[] Produce()
        {
            var result = new List<float>();
            var samples = CollectionsMarshal.AsSpan(kept);
            for (; next < filter.CountOf(length) && filter.FirstOf(next) + filter.Span <= first + samples.Length; next++)
                result.Add(filter.Sample(next, samples[(int)(filter.FirstOf(next) - first)..]));
            var used = (int)Math.Min(filter.FirstOf(next) - first, kept.Count);
            kept.RemoveRange(0, used);
            first += used;
            return [.. result];
        }
    }
}
