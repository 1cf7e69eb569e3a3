using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private const string Fingerprint = "sha256:of-the-tokenizers";
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly MotModel _model = TestModels.Create(TestModels.Config(), seed: 1, ScalarType.Float32);
    private readonly Dictionary<string, Tensor> _moments = new() { ["first.x"] = arange(5).to(ScalarType.Float32), ["second.x"] = ones(5) };

    private CheckpointStore Store => new(_folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void EverythingSavedComesBack()
    {
        var state = State(7) with
        {
            Position = new(1, 2),
            LearningRate = 0.1 + 0.2,
            Flops = 1.5e18,
            Best = new(4, 1.25),
            Spikes = new() { Losses = [1.0 / 3, 2], SkippedInARow = 1 },
        };
        Assert.Equal("step-00000007", Store.Save(_model, _moments, state));
        var checkpoint = Store.Open();
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(state), System.Text.Json.JsonSerializer.Serialize(checkpoint.State));
        using var loaded = checkpoint.LoadModel(CPU);
        foreach (var (name, value) in _model.state_dict())
            Assert.True(Same(value, loaded.state_dict()[name]), name);
        var moments = _moments.ToDictionary(m => m.Key, m => zeros_like(m.Value));
        checkpoint.LoadMoments(moments);
        foreach (var (name, value) in _moments)
            Assert.True(Same(value, moments[name]), name);
    }

    [Fact]
    public void LastOnesAndTheBestAreKept()
    {
        var best = new BestValidation(2, 1.0);
        for (var step = 1; step <= 5; step++)
            Store.Save(_model, _moments, State(step) with { Best = step < 2 ? new(1, 2.0) : best });
        Assert.Equal(["step-00000002", "step-00000004", "step-00000005"], Store.Names);
        Assert.Equal("step-00000005", Store.Latest);
        Assert.Equal("step-00000002", Store.Best);
        Assert.Equal(2, Store.Open("best").State.Step);
    }

    [Fact]
    public void SavingTheSameStepAgainReplacesIt()
    {
        Store.Save(_model, _moments, State(1));
        Store.Save(_model, _moments, State(1) with { Tokens = 99 });
        Assert.Equal(99, Store.Open().State.Tokens);
        Assert.Equal(["index.json", "step-00000001"], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void HalfWrittenCheckpointsAreIgnoredAndRemoved()
    {
        Store.Save(_model, _moments, State(1));
        var leftover = Directory.CreateDirectory(_folder.File("step-00000002.0123456789abcdef.unfinished")).FullName;
        File.WriteAllText(Path.Combine(leftover, "model.safetensors"), "half");
        Assert.Equal("step-00000001", Store.Latest);
        Store.RemoveUnfinished();
        Assert.False(Directory.Exists(leftover));
        Assert.Equal(1, Store.Open().State.Step);
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("optimizer.safetensors")]
    [InlineData("config.json")]
    [InlineData("state.json")]
    public void DamageToAnyFileIsNamedWithTheCheckpointToGoBackTo(string file)
    {
        Store.Save(_model, _moments, State(1));
        Store.Save(_model, _moments, State(2));
        var path = Path.Combine(_folder.Path, "step-00000002", file);
        var whole = File.ReadAllBytes(path);

        File.WriteAllBytes(path, whole[..^1]);
        AssertRefused(file, "truncated");

        var flipped = whole.ToArray();
        flipped[whole.Length / 2] ^= 1;
        File.WriteAllBytes(path, flipped);
        AssertRefused(file, "damaged");

        File.Delete(path);
        AssertRefused(file, "missing");

        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true); // the remedy of the message
        Assert.Equal(1, Store.Open().State.Step);
    }

    [Fact]
    public void MissingChecksumsAreRefused()
    {
        Store.Save(_model, _moments, State(1));
        File.Delete(_folder.File("step-00000001/checksums.json"));
        Assert.Contains("no earlier checkpoint", Assert.Throws<MotException>(() => Store.Open()).Message);
    }

    [Fact]
    public void UnknownFieldsAreNamed()
    {
        Store.Save(_model, _moments, State(1));
        var folder = _folder.File("step-00000001");
        var path = Path.Combine(folder, "state.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"seed\"", "\"from_the_future\": 1,\n  \"seed\""));
        JsonFile.Write(Path.Combine(folder, "checksums.json"), CheckpointChecksums.Of(folder, ["model.safetensors", "optimizer.safetensors", "config.json", "state.json"]),
            CheckpointJson.Default.CheckpointChecksums);
        Assert.Contains("from_the_future", Assert.Throws<MotException>(() => Store.Open()).Message);
    }

    [Fact]
    public void WrongShapeIsRefusedBeforeAnyWeightChanges()
    {
        Store.Save(_model, _moments, State(1));
        using var other = TestModels.Create(TestModels.Config() with { FeedForwardDim = 64 }, seed: 2, ScalarType.Float32);
        var before = other.state_dict()["tok_embeddings"].clone();
        Assert.Contains("layers.0.feed_forward.0.w2.weight", Assert.Throws<MotException>(() => Store.Open().LoadWeights(other)).Message);
        Assert.True(Same(before, other.state_dict()["tok_embeddings"]));
    }

    [Fact]
    public void OtherTokenizersAreRefused()
    {
        Store.Save(_model, _moments, State(1));
        Store.Open().RequireTokenizers(Fingerprint);
        var message = Assert.Throws<MotException>(() => Store.Open().RequireTokenizers("sha256:others")).Message;
        Assert.Contains(Fingerprint, message);
        Assert.Contains("sha256:others", message);
    }

    [Fact]
    public void EmptyFolderSaysSo() => Assert.Contains("no checkpoint", Assert.Throws<MotException>(() => new CheckpointStore(_folder.File("none")).Open()).Message);

    [Fact]
    public void FullDiskLeavesEarlierCheckpointsIntact()
    {
        Assert.SkipUnless(SmallDisk.Mount(_folder.Path, "1m"), "a small tmpfs can only be mounted by root on Linux");
        try
        {
            var store = new CheckpointStore(_folder.Path, keep: 100);
            store.Save(_model, _moments, State(1));
            var message = Assert.Throws<MotException>(() =>
            {
                for (var step = 2; step < 100; step++)
                    store.Save(_model, _moments, State(step));
            }).Message;
            Assert.Contains("cannot save checkpoint", message);
            Assert.Contains("free space", message);
            Assert.NotEmpty(store.Names);
            foreach (var name in store.Names)
                store.Open(name);
            Assert.Equal(store.Names[^1], store.Latest);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path, "*.unfinished"));
        }
        finally
        {
            SmallDisk.Unmount(_folder.Path);
        }
    }

    [Fact]
    public void TheBestIsKeptEvenWhenTheIndexIsLost()
    {
        var store = new CheckpointStore(_folder.Path, keep: 1);
        store.Save(_model, _moments, State(1) with { Best = new(1, 0.5) });
        File.Delete(_folder.File("index.json"));
        store.Save(_model, _moments, State(2) with { Best = new(1, 0.5) });
        store.Save(_model, _moments, State(3) with { Best = new(1, 0.5) });
        Assert.Equal("step-00000001", store.Best);
    }

    private static CheckpointState State(long step) => new() { Step = step, Updates = step, Position = new(0, step), Seed = 5, TokenizerFingerprint = Fingerprint };

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private void AssertRefused(string file, string problem)
    {
        var message = Assert.Throws<MotException>(() => Store.Open()).Message;
        Assert.Contains(Path.Combine("step-00000002", file), message);
        Assert.Contains(problem, message);
        Assert.Contains("step-00000001, is intact", message);
    }
}
