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

    private static MotModel Model()
    {
        using var generator = new Generator(1);
        return new MotModel(Config, CPU, generator);
    }
}
