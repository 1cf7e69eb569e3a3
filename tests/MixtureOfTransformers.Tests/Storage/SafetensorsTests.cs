using System.Buffers.Binary;
using System.Text;
using CsCheck;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Storage;

public sealed class SafetensorsTests : IDisposable
{
    private static readonly ScalarType[] _types =
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    private string Path => _folder.File("x.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void EveryTypeAndShapeComesBackWithTheSameBytes() => Gen.Select(
        Gen.Int[0, _types.Length - 1], Gen.Long[0, 5].Array[0, 4], Gen.Byte.Array[5 * 5 * 5 * 5 * 8]).List[0, 6].Sample(cases =>
    {
        using var scope = NewDisposeScope();
        var tensors = cases.Select((c, i) => (Name: $"t.{i}-é\"\\", Tensor: FromBytes(_types[c.Item1], c.Item2, c.Item3))).ToDictionary(t => t.Name, t => t.Tensor);
        Safetensors.Save(Path, tensors);
        using var file = Safetensors.Load(Path);
        Assert.Equal(tensors.Keys.Order(), file.Names.Order());
        foreach (var (name, tensor) in tensors)
        {
            var read = file.Read(name);
            Assert.Equal(tensor.dtype, read.dtype);
            Assert.Equal(tensor.shape, read.shape);
            Assert.Equal(tensor.bytes.ToArray(), read.bytes.ToArray());
        }
    }, iter: 100, threads: 1);

    [Fact]
    public void BrainFloatsSurviveBitForBit()
    {
        var everyPattern = new byte[1 << 17];
        for (var i = 0; i < 1 << 16; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(everyPattern.AsSpan(2 * i), (ushort)i);
        var all = FromBytes(ScalarType.BFloat16, [1 << 16], everyPattern);
        Safetensors.Save(Path, Named(all));
        using var file = Safetensors.Load(Path);
        Assert.Equal(everyPattern, file.Read("x").bytes.ToArray());
    }

    [Fact]
    public void MetadataComesBack()
    {
        Dictionary<string, string> metadata = new() { ["format"] = "pt", ["note"] = "naïve \"quotes\" 🙂" };
        Safetensors.Save(Path, Named(ones(1)), metadata);
        using var file = Safetensors.Load(Path);
        Assert.Equal(metadata, file.Metadata);
    }

    [Fact]
    public void HeaderIsPaddedAndWideTypesComeFirst()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["a"] = ones(3, ScalarType.Byte), ["z"] = ones(1, ScalarType.Float64), ["b"] = ones(2, ScalarType.Float32), ["c"] = ones(1) });
        var bytes = File.ReadAllBytes(Path);
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        Assert.Equal(0, headerLength % 8);
        Assert.Equal(
            """{"z":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"c":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},"a":{"dtype":"U8","shape":[3],"data_offsets":[20,23]}}""",
            Encoding.UTF8.GetString(bytes, 8, headerLength).TrimEnd(' '));
    }

    [Fact]
    public void TensorsOfManyPiecesAndStridedViewsComeBack()
    {
        var large = arange(3 * 1024 * 1024 + 17, dtype: ScalarType.Int32);
        var strided = arange(12, dtype: ScalarType.Float32).reshape(3, 4).t();
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["large"] = large, ["strided"] = strided });
        using var file = Safetensors.Load(Path);
        Assert.True(file.Read("large").eq(large).all().item<bool>());
        Assert.True(file.Read("strided").eq(strided).all().item<bool>());
    }

    [Fact]
    public void GoldenFileOfAnotherImplementationIsRead()
    {
        using var file = Safetensors.Load(System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", "rmsnorm.safetensors"));
        var x = file.Read("in.x").to(float64);
        var expected = x / (x.square().mean([-1], keepdim: true) + 1e-5).sqrt() * file.Read("w.weight");
        Assert.InRange((expected - file.Read("out.y")).abs().max().item<double>(), 0, 1e-6);
    }

    [Fact]
    public void NothingOutlivesAReadExceptTheTensor()
    {
        Safetensors.Save(Path, new Dictionary<string, Tensor> { ["x"] = ones(3), ["flag"] = ones(3, ScalarType.Bool) });
        var before = _scope.DisposablesCount;
        using var file = Safetensors.Load(Path);
        file.Read("x");
        file.Read("flag");
        Assert.Equal(before + 2, _scope.DisposablesCount);
    }

    [Fact]
    public void FailedWriteLeavesTheOldFile()
    {
        Safetensors.Save(Path, Named(ones(2)));
        var old = File.ReadAllBytes(Path);
        var disposed = ones(2);
        var tensors = new Dictionary<string, Tensor> { ["a"] = ones(4), ["b"] = disposed };
        Assert.ThrowsAny<Exception>(() => Safetensors.Save(Path, new DisposeOnSecondPass(tensors, disposed)));
        Assert.Equal(old, File.ReadAllBytes(Path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    private static Dictionary<string, Tensor> Named(Tensor tensor) => new() { ["x"] = tensor };

    private static Tensor FromBytes(ScalarType type, long[] shape, byte[] bytes)
    {
        var result = empty(shape, type);
        if (type == ScalarType.Bool)
            bytes = [.. bytes.Select(b => (byte)(b & 1))];
        bytes.AsSpan(0, result.bytes.Length).CopyTo(result.bytes);
        return result;
    }

    /// <summary>Fails after the header is built: the tensor is gone when its data is due.</summary>
    private sealed class DisposeOnSecondPass(Dictionary<string, Tensor> tensors, Tensor victim) : IReadOnlyDictionary<string, Tensor>
    {
        public Tensor this[string key] => tensors[key];
        public IEnumerable<string> Keys => tensors.Keys;
        public IEnumerable<Tensor> Values => tensors.Values;
        public int Count => tensors.Count;
        public bool ContainsKey(string key) => tensors.ContainsKey(key);
        public bool TryGetValue(string key, out Tensor value) => tensors.TryGetValue(key, out value!);
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
        public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator()
        {
            foreach (var pair in tensors)
                yield return pair;
            victim.Dispose();
        }
    }
}
