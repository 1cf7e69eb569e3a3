using System.Collections.Concurrent;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>Keeps what was spoken: preparing data reads the same documents several times, and to speak a word takes 10 ms.</summary>
internal static class SpokenClips
{
    private const long MaxSamples = 32 << 20; // 128 MB

    private static readonly ConcurrentDictionary<(string Program, string Words, EspeakVoice Voice, int SampleRate), AudioClip> _clips = [];
    private static long _samples;

    /// <summary>The clip at the given rate; spoken where it is not kept. Once there is no more room, no more is kept.</summary>
    public static AudioClip Get(EspeakProgram program, string words, EspeakVoice voice, int sampleRate)
    {
        if (_clips.TryGetValue((program.Path, words, voice, sampleRate), out var kept))
            return kept;
        var clip = program.Speak(words, voice).AtRate(sampleRate);
        if (Interlocked.Add(ref _samples, clip.Samples.Length) <= MaxSamples)
            _clips[(program.Path, words, voice, sampleRate)] = clip;
        return clip;
    }
}
