using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

/// <summary>Short made-up sounds of three tones in a row, and a speech tokenizer that is quickly trained on them.</summary>
internal static class SampleSpeech
{
    public static SpeechTokenizerConfig Config { get; } = new() { SampleRate = 8000, MelCount = 16, Width = 16, BlockCount = 1, CodeDim = 8, CodebookSize = 12 };

    public static List<AudioClip> Melodies(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var tones = Enumerable.Range(0, 3).Select(_ => 200.0 * (1 + random.Next(8))).ToArray();
            var length = 2400 + random.Next(800);
            return new AudioClip([.. Enumerable.Range(0, length).Select(i => (float)(0.4 * Math.Sin(2 * Math.PI * tones[3 * i / length] * i / 8000)))], 8000);
        })];
    }

    public static SpeechTokenizer Train(int steps = 2, long seed = 1, SpeechTokenizerConfig? config = null) =>
        SpeechTokenizerTrainer.Train(Melodies(40, 1), Melodies(4, 2), config ?? Config, new() { Steps = steps }, seed).Tokenizer;
}
