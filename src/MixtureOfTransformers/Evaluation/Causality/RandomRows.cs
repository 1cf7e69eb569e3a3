using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>Rows of random tokens, for models that have no data.</summary>
public static class RandomRows
{
    /// <summary>A vocabulary that cuts the ids of a model evenly among its modalities; it has no special tokens.</summary>
    /// <param name="config">The model's shape.</param>
    public static Vocabulary VocabularyOf(MotConfig config)
    {
        var count = config.VocabularySize / config.Modalities.Length;
        return new()
        {
            Ranges = [.. config.Modalities.Select((modality, m) => new VocabularyRange { Modality = modality, Offset = m * count, Count = count })],
            BeginOfSequence = 0,
            EndOfSequence = 0,
            Padding = 0,
        };
    }

    /// <summary>A batch of rows of one document each, in which stretches of the modalities of random length follow each other.</summary>
    /// <param name="vocabulary">The ids of each modality.</param>
    /// <param name="rowCount">Rows, B.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="seed">Of all that is drawn.</param>
    public static Batch Create(Vocabulary vocabulary, int rowCount, int length, long seed)
    {
        var random = new SeededRandom(seed);
        var (inputs, modalities) = (new long[rowCount * length], new byte[rowCount * length]);
        var (modality, left) = (0, 0);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (left-- == 0 || i % length == 0)
                (modality, left) = (random.Next(vocabulary.Ranges.Length), random.Next(Math.Max(1, length / 4)));
            modalities[i] = (byte)modality;
            inputs[i] = vocabulary.Ranges[modality].Offset + random.Next(vocabulary.Ranges[modality].Count);
        }
        return new(rowCount, length, inputs, modalities, [.. Enumerable.Repeat(Batch.IgnoredTarget, inputs.Length)], new byte[inputs.Length]);
    }
}
