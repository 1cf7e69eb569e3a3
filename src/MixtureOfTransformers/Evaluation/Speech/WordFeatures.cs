// Legend: F bands, T frames.
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Clips as a recognizer sees them: half the frames and bands of <see cref="SpeechFeatures"/>, in silence of one length.</summary>
internal sealed class WordFeatures(int sampleRate) : IDisposable
{
    public const int BandCount = SpeechFeatures.BandCount / 2;
    private const float MiddleDb = -40;
    private const float SpreadDb = 20;
    private const float Silence = (-80 - MiddleDb) / SpreadDb;
    private const int WidestMask = 8;

    private readonly SpeechFeatures _features = new(sampleRate);

    /// <summary>The frames of a clip, frame by frame, at least one.</summary>
    public float[] Of(AudioClip clip)
    {
        using var scope = NewDisposeScope();
        var decibels = _features.Of(clip);
        var pairs = Math.Max(1, decibels.shape[0] / 2);
        var missing = (2 * pairs) - decibels.shape[0];
        using var even = missing > 0 ? cat([decibels, full(missing, SpeechFeatures.BandCount, -80, dtype: ScalarType.Float32)], 0) : decibels.narrow(0, 0, 2 * pairs);
        return ((even.view(pairs, 2, BandCount, 2).mean([1, 3]) - MiddleDb) / SpreadDb).contiguous().data<float>().ToArray();
    }

    /// <summary>Frames in the middle of silence, [1, F, T]; owned by the caller's scope.</summary>
    /// <param name="frames">From <see cref="Of"/>.</param>
    /// <param name="length">T, unless the clip is longer.</param>
    public static Tensor Place(float[] frames, int length)
    {
        length = Math.Max(length, frames.Length / BandCount);
        var placed = Filled(length);
        frames.CopyTo(placed, (length - (frames.Length / BandCount)) / 2 * BandCount);
        return tensor(placed).view(1, length, BandCount).transpose(1, 2);
    }

    /// <summary>The same for training, [B, F, T]: anywhere within the silence, a stretch of time and some bands blanked out.</summary>
    public static Tensor Scatter(IReadOnlyList<float[]> clips, int length, SeededRandom random)
    {
        var batch = Filled(clips.Count * length);
        for (var b = 0; b < clips.Count; b++)
        {
            var frames = clips[b].Length / BandCount;
            var row = batch.AsSpan(b * length * BandCount, length * BandCount);
            clips[b].CopyTo(row[(random.Next(length - frames + 1) * BandCount)..]);
            var (masked, bands) = (random.Next(WidestMask), random.Next(WidestMask));
            row.Slice(random.Next(length - masked + 1) * BandCount, masked * BandCount).Fill(Silence);
            for (var (t, first) = (0, random.Next(BandCount - bands + 1)); t < length; t++)
                row.Slice((t * BandCount) + first, bands).Clear();
        }
        return tensor(batch).view(clips.Count, length, BandCount).transpose(1, 2);
    }

    public void Dispose() => _features.Dispose();

    private static float[] Filled(int frames)
    {
        var silence = new float[frames * BandCount];
        Array.Fill(silence, Silence);
        return silence;
    }
}
