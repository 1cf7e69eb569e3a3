// Legend: M frames, F mel bands.
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Tokenizers.Speech;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Speech;

/// <summary>Log-mel frames for showing and judging speech: cut alike whatever a tokenizer does, 100 a second of 64 bands.</summary>
/// <param name="sampleRate">Samples per second of the clips.</param>
internal sealed class SpeechFeatures(int sampleRate) : IDisposable
{
    public const int FramesPerSecond = 100;
    public const int BandCount = 64;
    private const int WindowsPerSecond = 40;

    private readonly MelAnalysis _analysis = new(new(sampleRate, sampleRate / FramesPerSecond, sampleRate / WindowsPerSecond, BandCount));

    /// <summary>The frames of a clip brought to one level, [M, F] in dB; owned by the caller's scope.</summary>
    public Tensor Of(AudioClip clip)
    {
        var samples = clip.AtRate(sampleRate).Samples;
        return _analysis.Compute(SpeechLevel.Normalize(samples, samples.Length));
    }

    public void Dispose() => _analysis.Dispose();
}
