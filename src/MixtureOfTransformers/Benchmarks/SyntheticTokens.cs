using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>Random tokens with modalities laid out as asked: what speed needs of data.</summary>
internal static class SyntheticTokens
{
    private const int SpecialTokens = 16;

    /// <summary>A vocabulary that cuts the ids of <paramref name="config"/> evenly among its modalities.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="blockLength">Codes of an image.</param>
    public static Vocabulary VocabularyOf(MotConfig config, int blockLength)
    {
        var count = config.VocabularySize / config.Modalities.Length;
        return new Vocabulary
        {
            Ranges = [.. config.Modalities.Select((modality, m) => new VocabularyRange
            {
                Modality = modality,
                Offset = m * count,
                Count = count,
                BeginId = m == 0 ? -1 : 1 + (2 * m),
                EndId = m == 0 ? -1 : 2 + (2 * m),
                BlockLength = m == 0 ? 0 : blockLength,
            })],
            BeginOfSequence = 0,
            EndOfSequence = 1,
            Padding = 2,
        }.Validate();
    }

    /// <summary>A training batch: rows of one document each, every token but the last of a row predicts the next.</summary>
    public static Batch CreateBatch(MotConfig config, ModalityLayout layout, int rowCount, int length, SeededRandom random)
    {
        var vocabulary = VocabularyOf(config, blockLength: 1);
        var modalities = Enumerable.Range(0, rowCount).SelectMany(_ => Modalities(config.Modalities.Length, layout, length, random)).ToArray();
        long[] inputs = [.. modalities.Select(m => (long)Draw(vocabulary.Ranges[m], random))];
        var targets = new long[inputs.Length];
        var targetModalities = new byte[inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
            (targets[i], targetModalities[i]) = (i + 1) % length == 0 ? (Batch.IgnoredTarget, (byte)0) : (inputs[i + 1], modalities[i + 1]);
        return new(rowCount, length, inputs, modalities, targets, targetModalities);
    }

    /// <summary>A prompt of text, then a whole image, then text again, or, where <paramref name="openCodes"/> is given, one that ends so many codes into an image.</summary>
    public static ImmutableArray<int> CreatePrompt(Vocabulary vocabulary, int length, int? openCodes, SeededRandom random)
    {
        var (text, image) = (vocabulary.Ranges[0], vocabulary.Range(ModalityId.Image));
        IEnumerable<int> Text(int count) => Enumerable.Range(0, count).Select(_ => Draw(text, random));
        IEnumerable<int> Codes(int count) => Enumerable.Range(0, count).Select(_ => Draw(image, random));
        var free = length - 1;
        if (openCodes is { } codes)
            return [vocabulary.BeginOfSequence, .. Text(free - 1 - codes), image.BeginId, .. Codes(codes)];
        free -= image.BlockLength + 2;
        return [vocabulary.BeginOfSequence, .. Text(free / 2), image.BeginId, .. Codes(image.BlockLength), image.EndId, .. Text(free - (free / 2))];
    }

    private static IEnumerable<byte> Modalities(int count, ModalityLayout layout, int length, SeededRandom random)
    {
        if (layout == ModalityLayout.Interleaved)
            return Enumerable.Range(0, length).Select(i => (byte)(i % count));
        var row = new List<byte>();
        for (var modality = 0; row.Count < length; modality = (modality + 1) % count)
            row.AddRange(Enumerable.Repeat((byte)modality, modality == 0 ? 32 + random.Next(97) : 64 + random.Next(193)));
        return row.Take(length);
    }

    private static int Draw(VocabularyRange range, SeededRandom random) => range.Offset + SpecialTokens + random.Next(range.Count - SpecialTokens);
}
