using CsCheck;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class ShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadsBackWhatWasWritten() => Gen.Select(TestTokens.Documents, Gen.Int[1, 60]).Sample((documents, tokensPerShard) =>
    {
        using var split = TestTokens.Write(_folder.File($"{Guid.NewGuid()}"), documents, tokensPerShard);
        split.Verify();
        Assert.Equal(documents.Length, split.DocumentCount);
        Assert.Equal(documents.Sum(d => d.Length), split.TokenCount);
        for (var i = 0; i < documents.Length; i++)
        {
            Assert.Equal(documents[i].Ids, split.Ids(i).ToArray());
            Assert.Equal(documents[i].Modalities, split.Modalities(i).ToArray());
        }
    }, iter: 30, threads: 1);

    [Fact]
    public void SameDocumentsGiveTheSameBytes()
    {
        var first = File.ReadAllBytes(WriteOne("a"));
        Assert.Equal(first, File.ReadAllBytes(WriteOne("b")));
    }

    [Fact]
    public void TruncatedFileIsRefusedOnOpening()
    {
        var path = WriteOne("a");
        var bytes = File.ReadAllBytes(path);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(path, bytes[..length]);
            var error = Assert.Throws<CorruptFileException>(() => new ShardReader(path).Dispose());
            Assert.Equal(path, error.FilePath);
            Assert.Contains("prepare the data again", error.Message);
        }
    }

    [Fact]
    public void EveryFlippedBitIsDetected()
    {
        var path = WriteOne("a");
        using (var intact = new ShardReader(path))
            intact.Verify(Checksum(path));
        var (bytes, checksum) = (File.ReadAllBytes(path), Checksum(path));
        for (var bit = 0; bit < 8 * bytes.Length; bit += 3)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(path, bytes);
            Assert.Throws<CorruptFileException>(() =>
            {
                using var reader = new ShardReader(path);
                reader.Verify(checksum);
            });
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void OtherVersionIsNamed()
    {
        var path = WriteOne("a");
        var bytes = File.ReadAllBytes(path);
        bytes[8] = 9;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("version 9", Assert.Throws<CorruptFileException>(() => new ShardReader(path)).Message);
    }

    [Fact]
    public void MissingFileIsNamed() => Assert.Contains("nowhere.shard", Assert.Throws<CorruptFileException>(() => new ShardReader("nowhere.shard")).Message);

    [Fact]
    public void IdsOutsideTheVocabularyStopTheStream()
    {
        using var split = TestTokens.Write(_folder.File("a"), [new TokenSequence([5, 2000, 6], [0, 1, 0])]);
        var stream = new PackedStream(split, 1, 1, seed: 0);
        Assert.Contains("2000", Assert.Throws<CorruptFileException>(stream.Next).Message);
    }

    private string WriteOne(string name)
    {
        TestTokens.Write(_folder.File(name), TestTokens.Build([3, 7, 1, 12]), 100).Dispose();
        return Path.Combine(_folder.File(name), "test-00000.shard");
    }

    private static string Checksum(string path) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
}
