using System.Buffers.Binary;
using System.Text;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Storage;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    private string Path => _folder.File("x.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, null)]
    [InlineData("""{}""", 0, null)]
    [InlineData("""{"x":{"dtype":"F32","shape":[0,7],"data_offsets":[0,0]}}   """, 0, null)]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "truncated")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "belong to no tensor")]
    [InlineData("""{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not fit its bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "does not fit its bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "does not fit its bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", 0, "does not fit its bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", 8, "9223372036854775808")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "-2")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "2.5")]
    [InlineData("""{"x":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}""", 8, "'F4'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2]}}""", 8, "needs dtype")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", 8, "'more'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "needs dtype")]
    [InlineData("""{"x":{"dtype":null,"shape":[2],"data_offsets":[0,8]}}""", 8, "malformed")]
    [InlineData("""{"x":7}""", 0, "malformed")]
    [InlineData("""[]""", 0, "malformed")]
    [InlineData("""{"x":""", 0, "malformed")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "malformed")]
    [InlineData("""{"__metadata__":{"a":1},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "malformed")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "'x'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'y' begins at byte 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20, "'y' begins at byte 12")]
    [InlineData("""{"x":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""", 8, "truncated")]
    public void HostileHeadersAreRefused(string header, int dataLength, string? problem) => Check(Encoding.UTF8.GetBytes(header), (ulong)Encoding.UTF8.GetByteCount(header), dataLength, problem);

    [Theory]
    [InlineData(ulong.MaxValue, "limit")]
    [InlineData((ulong)long.MaxValue, "limit")]
    [InlineData(100_000_001ul, "limit")]
    [InlineData(100_000_000ul, "truncated")]
    [InlineData(3ul, "truncated")]
    [InlineData(1ul, "malformed")]
    [InlineData(0ul, "malformed")]
    public void HostileHeaderLengthsAreRefused(ulong length, string problem) => Check("{}"u8.ToArray(), length, 0, problem);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void FilesWithoutALengthAreRefused(int length)
    {
        File.WriteAllBytes(Path, new byte[length]);
        Assert.Contains("too short", Assert.Throws<CorruptFileException>(() => Safetensors.Load(Path)).Message);
    }

    [Fact]
    public void InvalidUtf8IsRefused() => Check([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}'], 7, 0, "malformed");

    [Fact]
    public void EveryTruncationIsRefused()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["x"] = ones(3), ["y"] = ones(2) });
        var whole = File.ReadAllBytes(Path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.Throws<CorruptFileException>(() => Safetensors.Load(Path));
        }
    }

    [Fact]
    public void FileCutAfterOpeningIsReported()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["x"] = ones(1000) });
        using var file = Safetensors.Load(Path);
        using (var cut = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            cut.SetLength(500);
        Assert.Throws<CorruptFileException>(() => file.Read("x"));
    }

    [Fact]
    public void OddBooleansReadAsTrue()
    {
        var header = """{"x":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}"""u8;
        File.WriteAllBytes(Path, [.. BitConverter.GetBytes((ulong)header.Length), .. header, 0, 1, 255]);
        using var file = Safetensors.Load(Path);
        Assert.Equal(new byte[] { 0, 1, 1 }, file.Read("x").bytes.ToArray());
    }

    [Fact]
    public void MissingFileAndMissingTensorAreNamed()
    {
        Assert.Contains("does not exist", Assert.Throws<MotException>(() => Safetensors.Load(Path)).Message);
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["x"] = ones(1) });
        using var file = Safetensors.Load(Path);
        Assert.Contains("'y'", Assert.Throws<MotException>(() => file.Read("y")).Message);
    }

    [Fact]
    public void LoadIntoCopiesAndConvertsFloats()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["x"] = full(3, 1.5f), ["n"] = full(1, 7, ScalarType.Int64) });
        var x = nn.Parameter(zeros(3, ScalarType.BFloat16));
        var n = zeros(1, ScalarType.Int64);
        Safetensors.LoadInto(Path, new Dictionary<string, Tensor> { ["x"] = x, ["n"] = n });
        Assert.Equal(4.5f, x.to(ScalarType.Float32).sum().item<float>());
        Assert.Equal(7, n.item<long>());
    }

    [Fact]
    public void LoadIntoListsEveryDifferenceAndCopiesNothing()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["same"] = ones(2), ["shape"] = ones(2, 3), ["type"] = ones(2), ["extra1"] = ones(1), ["extra2"] = ones(1) });
        var same = zeros(2);
        var error = Assert.Throws<MotException>(() => Safetensors.LoadInto(Path, new Dictionary<string, Tensor>
        {
            ["same"] = same,
            ["shape"] = zeros(3, 2),
            ["type"] = zeros(2, ScalarType.Int32),
            ["gone2"] = zeros(1),
            ["gone1"] = zeros(1),
        }));
        Assert.Equal($"{Path} does not fit the model; missing: gone1, gone2; unexpected: extra1, extra2; different: shape is F32 [2, 3], expected F32 [3, 2], type is F32 [2], expected I32 [2]", error.Message);
        Assert.Equal(0, same.sum().item<float>());
    }

    private void Check(byte[] header, ulong headerLength, int dataLength, string? problem)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, headerLength);
        File.WriteAllBytes(Path, [.. prefix, .. header, .. new byte[dataLength]]);
        if (problem is null)
        {
            using var file = Safetensors.Load(Path);
            foreach (var name in file.Names)
                file.Read(name).Dispose();
            return;
        }
        var error = Assert.Throws<CorruptFileException>(() => Safetensors.Load(Path));
        Assert.Contains(problem, error.Message);
        Assert.StartsWith(Path, error.Message);
    }
}
