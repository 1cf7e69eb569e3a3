// Legend: M frames, F mel bands, N samples.
using MixtureOfTransformers.Data.Audio;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>What a vocoder learns from.</summary>
internal static class VocoderExamples
{
    /// <summary>The frames that the codes of clips stand for, each clip encoded by itself as the tokenizer does, and the sound that they were made of, one clip after the other.</summary>
    /// <param name="network">Encodes and decodes.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="clips">The clips.</param>
    /// <param name="frameCount">Frames to make, at least those of the clips; silence after them.</param>
    /// <param name="cancellationToken">Stops between clips.</param>
    /// <returns>[M, F] in dB and [M hops], owned by the caller's scope.</returns>
    public static (Tensor Mel_MF, Tensor Sound_N) Of(SpeechAutoencoder network, SpeechTokenizerConfig config, IReadOnlyList<AudioClip> clips, long frameCount, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var coding = new SpeechCoding(config, network);
        var sound_N = zeros(frameCount * config.MelShape.Hop);
        var frames = new List<Tensor>();
        var made = 0L;
        foreach (var clip in clips)
            Add(clip);
        Add(new(new float[(frameCount - made) * config.MelShape.Hop], config.SampleRate));
        return (cat(frames, 0).MoveToOuterDisposeScope(), sound_N.MoveToOuterDisposeScope());

        void Add(AudioClip clip)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            clip = clip.AtRate(config.SampleRate);
            var samples = SpeechTokenizer.Samples(clip, config);
            sound_N.narrow(0, made * config.MelShape.Hop, samples.Length).copy_(tensor(samples));
            ReadOnlyMemory<float>[] plain = [clip.Samples];
            int[] codes = [.. coding.Codes(SpeechLevel.Of(plain), plain)];
            frames.Add(coding.Frames(codes, 0, codes.Length * config.FramesPerToken).MoveToOuterDisposeScope());
            made += frames[^1].shape[0];
        }
    }
}
