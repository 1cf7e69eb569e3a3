using System.Collections.Immutable;
using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Batching;

/// <summary>A vocabulary of 1000 text ids (0-4 special) and 1000 image ids, and documents whose tokens all differ.</summary>
internal static class TestTokens
{
    public const int Bos = 0, Eos = 1, Pad = 2, Boi = 3, Eoi = 4;

    public static Vocabulary Vocabulary { get; } = new()
    {
        Ranges = [new() { Modality = ModalityId.Text, Offset = 0, Count = 1000 }, new() { Modality = ModalityId.Image, Offset = 1000, Count = 1000, BeginId = Boi, EndId = Eoi }],
        BeginOfSequence = Bos,
        EndOfSequence = Eos,
        Padding = Pad,
    };

    /// <summary>1 to 12 documents of 1 to 20 tokens; token ids count up from 5 over all documents, image ids from 1005.</summary>
    public static Gen<TokenSequence[]> Documents { get; } = Gen.Int[1, 20].Array[1, 12].Select(Build);

    public static TokenSequence[] Build(int[] lengths)
    {
        var next = 5;
        return [.. lengths.Select(length =>
        {
            byte[] modalities = [.. Enumerable.Range(next, length).Select(i => (byte)(i / 3 % 2))];
            int[] ids = [.. modalities.Select(m => next++ + 1000 * m)];
            return new TokenSequence(ids, modalities);
        })];
    }

    public static PreparedSplit Write(string folder, IEnumerable<TokenSequence> documents, int tokensPerShard = 30)
    {
        Directory.CreateDirectory(folder);
        var writer = new ShardWriter(folder, "test", tokensPerShard);
        foreach (var document in documents)
            writer.Add(document);
        var side = new PreparedSide { Shards = writer.Complete(), DocumentCount = writer.DocumentCount, TokenCount = writer.TokenCount, TokenCounts = ImmutableSortedDictionary<string, long>.Empty };
        return new(folder, side, Vocabulary);
    }
}
