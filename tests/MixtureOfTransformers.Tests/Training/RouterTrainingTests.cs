using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class RouterTrainingTests : IDisposable
{
    private static readonly MotConfig Config = Architectures.Apply("hybrid", TestModels.Config());
    private readonly string _folder = Directory.CreateTempSubdirectory("mot-routers-").FullName;

    [Fact]
    public void RoutersLearnToForetellWhatTheExpertsChoose()
    {
        using var model = Model();
        var before = model.parameters().Select(p => p.detach().clone()).ToArray();
        var progress = new List<RouterProgress>();
        using var routers = RouterTraining.Train(model, new TestTraining.Batches(), new() { Steps = 300 }, 1, new Report<RouterProgress>(progress.Add));
        Assert.True(progress.TakeLast(20).Average(p => p.Agreement) > 0.8, $"{progress.TakeLast(20).Average(p => p.Agreement)} of the decisions"); // 0.75 by saying no
        Assert.True(progress.TakeLast(20).Average(p => p.Loss) < 0.75 * progress[0].Loss);
        Assert.All(model.parameters().Zip(before), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));
        Assert.False(model.HasRouters);
    }

    [Fact]
    public void PaddingCountsNeitherInTheLossNorInTheAgreement()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var first = RouterTraining.Train(model, new Padded(7), new() { Steps = 4 }, 1);
        using var second = RouterTraining.Train(model, new Padded(11), new() { Steps = 4 }, 1);
        Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));

        var (right, decisions) = (0L, 0L);
        var batch = new Padded(7).Next();
        using (new RouterWatch(model, decision =>
        {
            var real = decision.Padding!.logical_not().unsqueeze(1);
            Assert.True(real.sum().ToInt64() < decision.Chosen.shape[0]);
            decisions += real.sum().ToInt64() * decision.Chosen.shape[1];
            right += (((first.OfLayer(decision.Layer)[decision.Tower]!.call(decision.Inputs) > 0) == decision.Chosen) & real).sum().ToInt64();
        }, depths: null))
        using (no_grad())
        using (var pass = new BatchPass(model, batch))
            pass.HiddenStates();
        Assert.Equal((double)right / decisions, RouterTraining.Agreement(model, first, [batch]), 12);
    }

    [Fact]
    public void RoutersLearnWhichTokensPassALayerToo()
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { MixtureOfDepths = new() }, CPU, generator);
        var progress = new List<RouterProgress>();
        using var routers = RouterTraining.Train(model, new TestTraining.Batches(), new() { Steps = 300 }, 1, new Report<RouterProgress>(progress.Add));
        Assert.True(progress.TakeLast(20).Average(p => p.Agreement) > 0.85, $"{progress.TakeLast(20).Average(p => p.Agreement)} of the decisions"); // 0.75 by saying no
        model.UseRouters(routers);
        model.ExpertRouting = ExpertRouting.Auxiliary;
        Assert.Null(model.DepthObserver);
    }

    [Fact]
    public void AModelWithoutExpertsNeedsNone()
    {
        using var model = TestTraining.Model();
        Assert.Contains("causal as it is", Assert.Throws<MotException>(() => RouterTraining.Train(model, new TestTraining.Batches(), new(), 1)).Message);
    }

    [Fact]
    public void RoutersAreReadBackForTheWeightsTheyWereMadeForAlone()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        var checkpoints = new CheckpointStore(Path.Combine(_folder, "checkpoints"));
        checkpoints.Save(model, session.Moments(), session.Capture(1, TestTraining.Fingerprint));
        var store = new RouterStore(Path.Combine(_folder, "routers"));
        Assert.Null(store.Open(checkpoints.Open(), CPU));

        using var routers = AuxiliaryRouters.Create(Config, CPU, new Generator(4));
        store.Save(checkpoints.Open(), routers);
        using var read = store.Open(checkpoints.Open(), CPU)!;
        Assert.All(routers.parameters().Zip(read.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().ToBoolean()));

        Directory.Delete(checkpoints.Open().Folder, recursive: true);
        session.Step();
        checkpoints.Save(model, session.Moments(), session.Capture(1, TestTraining.Fingerprint) with { Step = 0 });
        Assert.Contains("train the routers again", Assert.Throws<MotException>(() => store.Open(checkpoints.Open(), CPU)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The batches of the tests with four tokens of padding at the end of each row.</summary>
    private sealed class Padded(long token) : IBatchSource
    {
        private readonly TestTraining.Batches _batches = new();

        public StreamPosition Position
        {
            get => _batches.Position;
            set => _batches.Position = value;
        }

        public Batch Next()
        {
            var b = _batches.Next();
            bool[] padding = [.. Enumerable.Range(0, b.Inputs.Length).Select(i => i % b.Length >= b.Length - 4)];
            return new(b.RowCount, b.Length, [.. b.Inputs.Zip(padding, (id, isPadding) => isPadding ? token : id)], [.. b.Modalities.Zip(padding, (m, isPadding) => isPadding ? (byte)0 : m)],
                [.. b.Targets.Zip(padding, (id, isPadding) => isPadding ? Batch.IgnoredTarget : id)], b.TargetModalities, [.. padding.Select(isPadding => isPadding ? Batch.PaddingSegment : 0)]);
        }
    }

    private static MotModel Model()
    {
        using var generator = new Generator(1);
        return new MotModel(Config, CPU, generator);
    }
}
