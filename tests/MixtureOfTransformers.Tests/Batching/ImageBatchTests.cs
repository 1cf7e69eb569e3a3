using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Batching;

/// <summary>Images as vectors on their way from documents through shards to batches.</summary>
public sealed class ImageBatchTests : IDisposable
{
    private const int Bos = 0, Eos = 1, Pad = 2, Boi = 3, Eoi = 4, Patch = 20;
    private static readonly ImagePatcher Patcher = new(new() { ImageWidth = 4, ImageHeight = 2, Channels = 1, PatchSize = 2 });
    private static readonly Vocabulary Vocabulary = new()
    {
        Ranges = [new() { Modality = ModalityId.Text, Offset = 0, Count = 20 }, new() { Modality = ModalityId.Image, Offset = Patch, Count = 1, BeginId = Boi, EndId = Eoi, BlockLength = 2, VectorLength = 4 }],
        BeginOfSequence = Bos,
        EndOfSequence = Eos,
        Padding = Pad,
    };

    private static readonly DocumentTokenizer Tokenizer = new(Vocabulary, "test", text => [.. text.Select(c => c - 'a' + 5)], encodePatches: Patcher.Encode);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DocumentsHoldOneIdForEveryPatchAndItsNumbers()
    {
        var sequence = Tokenizer.Tokenize([Document("ab", 0, "c")])[0];
        Assert.Equal([Bos, 5, 6, Boi, Patch, Patch, Eoi, 7, Eos], sequence.Ids);
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0, 0], sequence.Modalities);
        Assert.Equal(Patcher.Encode(Image(0)).Numbers, sequence.Vectors);
    }

    [Fact]
    public void BatchesHoldThePatchesWhereTheirTokensAre()
    {
        using var split = Write(Document("ab", 0, "c"), Document("", 1, "de"), Document("e", 2, ""), Document("abcd", null, ""));
        split.Verify();
        var batch = split.OnePass(2, 18).Single();
        var images = batch.Images!;
        Assert.Equal(images.Tokens, Enumerable.Range(0, batch.Inputs.Length).Where(i => batch.Inputs[i] == Patch));
        Assert.Equal(3, images.Spans.Length);
        foreach (var (index, span) in images.Spans.Index())
        {
            var document = batch.Inputs[span.Start - 2] == Bos && batch.Inputs[span.Start - 1] == Boi ? 1 : batch.Inputs[span.Start - 2] == 6 ? 0 : 2;
            Assert.Equal(document == 1, span.LeadsText);
            Assert.Equal(Patcher.Encode(Image(document)).Numbers.Select(number => (float)(Half)number), images.Patches.Skip(index * 8).Take(8));
        }
        for (var i = 0; i < batch.Inputs.Length; i++)
        {
            Assert.Equal(Array.IndexOf(images.Tokens, i) is >= 0 and var patch ? patch / 2 : -1, batch.ImageOfToken[i]);
            if (batch.Inputs[i] is Boi or Patch)
                Assert.Equal(Batch.IgnoredTarget, batch.Targets[i]);
            else if (batch.Segments[i] != Batch.PaddingSegment && batch.Inputs[i] != Eos)
                Assert.Equal(batch.Inputs[i + 1], batch.Targets[i]);
        }
    }

    /// <summary>Images of 4x2 and 2x4 pixels have as many patches; their ids and columns tell them apart, from documents to batches.</summary>
    [Fact]
    public void ImagesOfSeveralSizesKeepTheirShape()
    {
        var patcher = new ImagePatcher(Patcher.Config with { OtherSizes = [new(2, 4), new(4)] });
        var vocabulary = Vocabulary with { Ranges = [Vocabulary.Ranges[0], Vocabulary.Ranges[1] with { Count = 3, GridColumns = 2, Grids = [.. patcher.Grids.Select(g => g.Tokens)] }] };
        var tokenizer = new DocumentTokenizer(vocabulary, "test", text => [.. text.Select(c => c - 'a' + 5)], encodePatches: patcher.Encode);
        Document Of(params PixelImage[] images) => new("test", [.. images.Select(i => new ImagePart(i)), new TextPart("a")]);
        var sequence = tokenizer.Tokenize([Of(new PixelImage(2, 4, 1, new byte[8]), new PixelImage(4, 4, 1, new byte[16]), Image(0))])[0];
        Assert.Equal([Bos, Boi, Patch + 1, Patch + 1, Eoi, Boi, Patch + 2, Patch + 2, Patch + 2, Patch + 2, Eoi, Boi, Patch, Patch, Eoi, 5, Eos], sequence.Ids);
        using var split = Write(vocabulary, sequence);
        Assert.Equal([new(2, 2, LeadsText: true, 1), new(6, 4, LeadsText: false, 2), new(12, 2, LeadsText: false, 2)], split.OnePass(1, 18).Single().Images!.Spans);
        var wrong = vocabulary with { Ranges = [vocabulary.Ranges[0], vocabulary.Ranges[1] with { Count = 1 }] };
        Assert.Contains("or one for each of their grids", Assert.Throws<ConfigException>(() => wrong.Validate()).Message);
    }

    [Fact]
    public void AnImageWithoutTextDoesNotLeadAny()
    {
        using var split = Write(Document("", 0, ""));
        Assert.False(split.OnePass(1, 8).Single().Images!.Spans.Single().LeadsText);
    }

    [Fact]
    public void AnImageIsNeverCut()
    {
        using var split = Write(Document("ab", 0, "c"));
        Assert.Contains("an image cannot be cut", Assert.Throws<MotException>(() => split.OnePass(1, 5).ToList()).Message);
    }

    [Fact]
    public void TruncatedAndDamagedVectorsAreNoticed()
    {
        Write(Document("ab", 0, "c"), Document("", 1, "de")).Dispose();
        var path = Directory.EnumerateFiles(_folder.File("data")).Single();
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Assert.Throws<CorruptFileException>(() => new ShardReader(path).Dispose());
        }
        for (var bit = 0; bit < 8 * bytes.Length; bit += 3)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, damaged);
            Assert.Throws<CorruptFileException>(() =>
            {
                using var reader = new ShardReader(path);
                reader.Verify(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
            });
        }
    }

    [Fact]
    public void AVocabularyWithoutVectorsIsWrittenAsBefore() =>
        Assert.DoesNotContain("vector", System.Text.Json.JsonSerializer.Serialize(TestTokens.Vocabulary, BatchingJson.Default.Vocabulary));

    private static PixelImage Image(int seed) => new(4, 2, 1, [.. Enumerable.Range(0, 8).Select(i => (byte)((i * 31) + (seed * 7)))]);

    private static Document Document(string before, int? image, string after) => new("test",
        [.. before.Length > 0 ? [new TextPart(before)] : Array.Empty<DocumentPart>(), .. image is { } seed ? [new ImagePart(Image(seed))] : Array.Empty<DocumentPart>(), .. after.Length > 0 ? [new TextPart(after)] : Array.Empty<DocumentPart>()]);

    private PreparedSplit Write(params Document[] documents) => Write(Vocabulary, [.. Tokenizer.Tokenize(documents)]);

    private PreparedSplit Write(Vocabulary vocabulary, params TokenSequence[] sequences)
    {
        Directory.CreateDirectory(_folder.File("data"));
        var writer = new ShardWriter(_folder.File("data"), "test", vectorLength: 4);
        foreach (var sequence in sequences)
            writer.Add(sequence);
        return new(_folder.File("data"), new() { Shards = writer.Complete(), DocumentCount = writer.DocumentCount, TokenCount = writer.TokenCount, TokenCounts = ImmutableSortedDictionary<string, long>.Empty }, vocabulary);
    }
}
