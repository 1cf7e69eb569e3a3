using System.Runtime.ExceptionServices;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data.Speaking;

/// <summary>Speaks texts with <c>espeak-ng</c>.</summary>
/// <param name="program">The program.</param>
/// <param name="sampleRate">Samples per second of what comes out.</param>
/// <param name="byPhrase">Whether two words at a time are spoken by themselves, so that it is known when they begin.</param>
internal sealed class Speaker(EspeakProgram program, int sampleRate, bool byPhrase)
{
    private const int WordsPerPhrase = 2;

    /// <summary>How many <see cref="Speak(IReadOnlyList{ValueTuple{string, EspeakVoice}})"/> is best given: each is a process of its own, so that all processors help.</summary>
    public const int AtOnce = 64;

    /// <summary>Speaks each text in its voice.</summary>
    /// <exception cref="MotException">The program failed.</exception>
    public SpeechPart[] Speak(IReadOnlyList<(string Words, EspeakVoice Voice)> texts)
    {
        var spoken = new SpeechPart[texts.Count];
        try
        {
            Parallel.For(0, texts.Count, i => spoken[i] = Speak(texts[i].Words, texts[i].Voice));
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
        return spoken;
    }

    private SpeechPart Speak(string words, EspeakVoice voice)
    {
        if (!byPhrase)
            return new(SpokenClips.Get(program, words, voice, sampleRate));
        var (samples, phrases) = (new List<float>(), new List<SpokenPhrase>());
        foreach (var phrase in words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(WordsPerPhrase).Select(pair => string.Join(' ', pair)))
        {
            phrases.Add(new(phrase, (double)samples.Count / sampleRate));
            samples.AddRange(SpokenClips.Get(program, phrase, voice, sampleRate).Samples);
        }
        return new(new AudioClip([.. samples], sampleRate)) { Phrases = [.. phrases] };
    }
}
