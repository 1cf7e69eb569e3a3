using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Checkpoints;

public sealed class CheckpointWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly MotModel _model = TestModels.Create(TestModels.Config(), seed: 1, ScalarType.Float32);
    private readonly Dictionary<string, Tensor> _moments = new() { ["first.x"] = arange(5).to(ScalarType.Float32) };

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ACheckpointIsWrittenAsSaveWritesIt()
    {
        new CheckpointStore(_folder.File("plain")).Save(_model, _moments, State(3));
        var writer = new CheckpointWriter(new(_folder.File("written")));
        writer.Begin(_model, _moments, State(3));
        Assert.Equal("step-00000003", writer.Finish(wait: true));
        Assert.Null(writer.Finish(wait: true)); // told once
        foreach (var file in Directory.EnumerateFiles(_folder.File("plain"), "*", SearchOption.AllDirectories))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(file.Replace("/plain/", "/written/")));
    }

    [Fact]
    public void WhatChangesAfterTheCopyIsNotWritten()
    {
        var before = _model.state_dict().ToDictionary(w => w.Key, w => w.Value.clone());
        using var snapshot = CheckpointSnapshot.Of(_model, _moments, State(1));
        using (no_grad())
        {
            foreach (var tensor in _model.parameters().Concat(_moments.Values))
                tensor.zero_();
        }
        var store = new CheckpointStore(_folder.Path);
        store.Save(snapshot);
        store.Open().LoadWeights(_model);
        store.Open().LoadMoments(_moments);
        Assert.All(_model.state_dict(), w => Assert.True(w.Value.eq(before[w.Key]).all().item<bool>(), w.Key));
        Assert.Equal(4, _moments["first.x"][4].item<float>());
    }

    [Fact]
    public void TheCopiesOutliveTheScopeTheyWereMadeInAndAreFreedByTheirOwner()
    {
        CheckpointSnapshot snapshot;
        using (NewDisposeScope())
            snapshot = CheckpointSnapshot.Of(_model, _moments, State(1));
        var copies = snapshot.Weights.Values.Concat(snapshot.Moments.Values).ToArray();
        Assert.All(copies, copy => Assert.False(copy.IsInvalid));
        snapshot.Dispose();
        Assert.All(copies, copy => Assert.True(copy.IsInvalid));
    }

    [Fact]
    public void AFailedWriteIsToldOnceAndTheNextOneGoesOn()
    {
        var path = _folder.File("store");
        File.WriteAllText(path, "a file where the folder should be");
        var writer = new CheckpointWriter(new(path));
        writer.Begin(_model, _moments, State(1));
        writer.Wait();
        Assert.Contains("cannot save checkpoint step-00000001", Assert.Throws<MotException>(() => writer.Finish(wait: false)).Message);
        Assert.Null(writer.Finish(wait: true));
        File.Delete(path);
        writer.Begin(_model, _moments, State(2));
        Assert.Equal("step-00000002", writer.Finish(wait: true));
    }

    [Fact]
    public void TwoAtATimeAreRefused()
    {
        var writer = new CheckpointWriter(new(_folder.Path));
        writer.Begin(_model, _moments, State(1));
        Assert.Throws<InvalidOperationException>(() => writer.Begin(_model, _moments, State(2)));
        writer.Wait();
    }

    private static CheckpointState State(long step) => new() { Step = step, Updates = step, Position = new(0, step), Seed = 5, TokenizerFingerprint = "tokenizers" };
}
