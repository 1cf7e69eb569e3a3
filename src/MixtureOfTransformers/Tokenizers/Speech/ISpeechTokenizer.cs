using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers.Speech;

/// <summary>Speech to codes and back, whatever the encoder: what the vocabulary, the data and the generator need to know of one.</summary>
public interface ISpeechTokenizer : IDisposable
{
    /// <summary>Samples per second of what <see cref="Decode"/> gives.</summary>
    int SampleRate { get; }

    /// <summary>Tokens per second of sound; at most, where runs of equal ones are shortened.</summary>
    int TokensPerSecond { get; }

    /// <summary>The longest sound that so many tokens can stand for; where runs are shortened, the tokens of most sounds stand for less.</summary>
    /// <param name="tokens">Speech tokens alone, without begin and end; at least 0.</param>
    /// <returns>Seconds.</returns>
    double LongestSeconds(int tokens);

    /// <summary>How many codes there are, durations of runs among them.</summary>
    int CodebookSize { get; }

    /// <summary>SHA-256 of configuration and weights, in hexadecimal: equal for equal tokenizers.</summary>
    string Fingerprint { get; }

    /// <summary>A clip of any rate and length to codes from 0, ⌈seconds · <see cref="TokensPerSecond"/>⌉ of them unless runs are shortened.</summary>
    int[] Encode(AudioClip clip);

    /// <summary>Codes to sound, as long as they say.</summary>
    /// <exception cref="MotException">A code is outside the codebook.</exception>
    AudioClip Decode(ReadOnlySpan<int> codes);

    /// <summary>Writes it to a folder.</summary>
    void Save(string folder);
}
