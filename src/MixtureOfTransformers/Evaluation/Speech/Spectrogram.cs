using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Draws sound: time to the right, frequency upwards on the mel scale, loudness from black over purple and orange to yellow.</summary>
internal static class Spectrogram
{
    private const int Scale = 2; // pixels per frame and band
    private const float QuietestDb = -70;
    private const float LoudestDb = -10;
    private static readonly Rgb[] _colours = [new(0, 0, 4), new(64, 15, 116), new(136, 34, 106), new(203, 65, 73), new(248, 134, 33), new(252, 255, 164)]; // "inferno" of Matplotlib

    /// <summary>One picture, 200 pixels wide per second; a clip without sound is one column of silence.</summary>
    public static PixelImage Draw(AudioClip clip)
    {
        using var scope = NewDisposeScope();
        using var features = new SpeechFeatures(clip.SampleRate);
        float[] decibels = clip.Samples.Length == 0 ? [.. Enumerable.Repeat(QuietestDb, SpeechFeatures.BandCount)] : features.Of(clip).data<float>().ToArray();
        var (frames, bands) = (decibels.Length / SpeechFeatures.BandCount, SpeechFeatures.BandCount);
        var (width, height) = (Scale * frames, Scale * bands);
        var pixels = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++)
            {
                var colour = Colour(decibels[(x / Scale * bands) + bands - 1 - (y / Scale)]);
                ((ReadOnlySpan<byte>)[colour.Red, colour.Green, colour.Blue]).CopyTo(pixels.AsSpan(3 * ((y * width) + x)));
            }
        return new(width, height, 3, pixels);
    }

    private static Rgb Colour(float decibels)
    {
        var place = Math.Clamp((decibels - QuietestDb) / (LoudestDb - QuietestDb), 0, 1) * (_colours.Length - 1);
        var (low, part) = (Math.Min((int)place, _colours.Length - 2), place - Math.Min((int)place, _colours.Length - 2));
        byte Mix(byte a, byte b) => (byte)Math.Round(a + (part * (b - a)));
        var (from, to) = (_colours[low], _colours[low + 1]);
        return new(Mix(from.Red, to.Red), Mix(from.Green, to.Green), Mix(from.Blue, to.Blue));
    }
}
