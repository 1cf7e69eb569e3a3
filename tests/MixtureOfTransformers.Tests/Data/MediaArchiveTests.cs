using System.Buffers.Binary;
using System.IO.Compression;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class MediaArchiveTests : IDisposable
{
    private const int Length = 100_000;

    private readonly TemporaryFolder _folder = new();

    private string Zip => _folder.File("a.zip");

    public MediaArchiveTests()
    {
        using var zip = ZipFile.Open(Zip, ZipArchiveMode.Create);
        using var entry = zip.CreateEntry("zeros").Open();
        entry.Write(new byte[Length]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LimitIsOnTheLengthAfterDecompression()
    {
        Assert.InRange(new FileInfo(Zip).Length, 1, 1000);
        using var archive = new MediaArchive(Zip);
        Assert.Equal(new byte[Length], archive.Read("zeros", Length));
        Assert.Contains("100000 bytes exceeds the limit of 99999", Assert.Throws<MotException>(() => archive.Read("zeros", Length - 1)).Message);
        Assert.Null(archive.Read("ones", Length));
    }

    [Fact]
    public void NoMoreIsReadThanAZipClaimsToHold()
    {
        var bytes = File.ReadAllBytes(Zip);
        var directory = bytes.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(directory + 24), 10);
        File.WriteAllBytes(Zip, bytes);
        using var archive = new MediaArchive(Zip);
        Assert.Equal(10, archive.Read("zeros", 10)!.Length);
    }
}
