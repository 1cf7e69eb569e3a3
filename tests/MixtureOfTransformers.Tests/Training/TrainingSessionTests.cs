using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class TrainingSessionTests
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void LossFalls(ScalarType computeType)
    {
        using var model = TestTraining.Model(computeType: computeType);
        using var session = new TrainingSession(model, TestTraining.Recipe with { Steps = 60 }, new TestTraining.Batches());
        var first = session.Step();
        while (!session.IsComplete)
            session.Step();
        var last = session.Step();
        Assert.True(last.Loss < first.Loss - 1, $"{first.Loss} to {last.Loss}");
        Assert.Equal(["text", "image"], last.ModalityLoss.Keys);
        Assert.All(model.parameters(), p => Assert.Equal(ScalarType.Float32, p.dtype));
    }

    [Fact]
    public void AccumulationEqualsOneBigBatch()
    {
        var random = new Random(3);
        var parts = Enumerable.Range(0, 3).Select(_ => TestTraining.Batches.Make(random, 2, 12, imageTokens: true)).ToArray();
        parts[1] = new Batch(2, 12, parts[1].Inputs, parts[1].Modalities, [.. parts[1].Targets.Select((t, i) => i < 20 ? Batch.IgnoredTarget : t)], parts[1].TargetModalities);
        var whole = new Batch(6, 12, [.. parts.SelectMany(p => p.Inputs)], [.. parts.SelectMany(p => p.Modalities)], [.. parts.SelectMany(p => p.Targets)], [.. parts.SelectMany(p => p.TargetModalities)]);

        var (apart, apartWeights) = OneStep(parts);
        var (together, togetherWeights) = OneStep([whole]);
        Assert.Equal(together.Loss, apart.Loss, 1e-5);
        Assert.Equal(together.GradNorm, apart.GradNorm, 1e-4);
        Assert.Equal(together.ModalityLoss["image"], apart.ModalityLoss["image"], 1e-5);
        Assert.Equal(together.Tokens, apart.Tokens);
        Assert.Equal(together.Flops, apart.Flops);
        Assert.True(apartWeights.Zip(togetherWeights).Max(w => Math.Abs(w.First - w.Second)) < 1e-4);
    }

    [Fact]
    public void TowerWithoutTokensGetsExactlyZeroGradientAndStillDecays()
    {
        using var model = TestTraining.Model();
        using var parameters = new FlatParameters(model);
        using var scope = NewDisposeScope();
        var batch = new TestTraining.Batches(imageTokens: false).Next();
        new NextTokenLoss().Compute(model, batch).Total.backward();
        var gradients = parameters.Views(parameters.Gradients);
        var image = gradients.Where(g => Tower(g.Key) == 1).ToArray();
        Assert.NotEmpty(image);
        Assert.All(image, g => Assert.Equal(0, g.Value.abs().max().item<float>()));
        Assert.All(gradients.Where(g => Tower(g.Key) == 0), g => Assert.NotEqual(0, g.Value.abs().max().item<float>()));

        using var optimizer = new AdamW(parameters, new() { WeightDecay = 0.1 });
        var weight = model.Layers[0].named_parameters().Single(p => p.name == "wo.1.weight").parameter;
        var before = weight.clone();
        optimizer.Step(0.5);
        Assert.True((before * 0.95).allclose(weight));
    }

    [Fact]
    public void NotANumberStopsBeforeTheWeightsChange()
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        session.Step();
        using (no_grad())
            model.named_parameters().Single(p => p.name == "output.weight").parameter[0, 0] = double.NaN;
        var before = Weights(model);
        var error = Assert.Throws<DivergedException>(session.Step);
        Assert.Equal(2, error.Step);
        Assert.Contains("NaN", error.Message);
        Assert.Contains("learning_rate", error.Message);
        Assert.Equal(before, Weights(model));
        Assert.Equal(1, session.StepCount);
    }

    [Fact]
    public void SpikesAreSkippedAndStopTheRunWhenTheyPersist()
    {
        using var model = TestTraining.Model();
        var recipe = TestTraining.Recipe with { Steps = 100, LearningRate = 1e-4, SpikeGuard = new() { Window = 32, Patience = 3, ZScore = 4 } };
        using var session = new TrainingSession(model, recipe, new TestTraining.Batches());
        for (var i = 0; i < 10; i++)
            Assert.False(session.Step().Skipped);
        using (no_grad())
            model.named_parameters().Single(p => p.name == "output.weight").parameter.mul_(-300);
        var before = Weights(model);
        Assert.True(session.Step().Skipped);
        Assert.True(session.Step().Skipped);
        Assert.Contains("spikes in a row", Assert.Throws<DivergedException>(session.Step).Message);
        Assert.Equal(before, Weights(model));
    }

    [Fact]
    public void TenStepsLeaveNoTensorBehind()
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        var validation = TestTraining.Validation(1);
        session.Step();
        validation.Measure(model);
        var statistics = DisposeScopeManager.Statistics.TensorStatistics;
        var before = (statistics.ThreadTotalLiveCount, Tensor.TotalCount);
        for (var i = 0; i < 10; i++)
        {
            session.Step();
            validation.Measure(model);
        }
        Assert.Equal(before.ThreadTotalLiveCount, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void TimedRunsEndWithTheirMinutesAndDecayToTheMinimum()
    {
        using var model = TestTraining.Model();
        var clock = new TestClock();
        var recipe = TestTraining.Recipe with { Steps = null, Minutes = 1, WarmupSteps = null, MinLearningRate = 1e-4 };
        using var session = new TrainingSession(model, recipe, new TestTraining.Batches { Before = _ => clock.Advance(TimeSpan.FromSeconds(0.5)) }, clock);
        while (!session.IsComplete)
            session.Step();
        Assert.Equal(120, session.StepCount);
        Assert.Equal(60, session.Seconds, 1e-9);
        Assert.InRange(session.LearningRate, 1e-4, 1.1e-4);
    }

    [Fact]
    public void FlopsCountEveryTokenForwardAndBackward()
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe with { Accumulation = 2 }, new TestTraining.Batches());
        var step = session.Step();
        Assert.Equal(2 * 3 * 12, step.Tokens);
        Assert.Equal(step.Tokens * 3 * Flops.PerTokenCausal(model.Config, 12).Forward, step.Flops);
    }

    [Fact]
    public void FlopsCountTheKeysOfEachDocumentAlone()
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        var whole = new TestTraining.Batches().Next();
        var split = new Batch(3, 12, whole.Inputs, whole.Modalities, whole.Targets, whole.TargetModalities, [.. Enumerable.Range(0, 36).Select(i => i % 12 / 4)]);
        Assert.Equal(36 * 3 * Flops.PerTokenCausal(model.Config, 4).Forward, session.Step([split]).Flops);
    }

    [Fact]
    public void ACheckpointOfAnotherConfigurationIsRefused()
    {
        using var folder = new TemporaryFolder();
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        var store = new CheckpointStore(folder.Path);
        store.Save(model, session.Moments(), session.Capture(1, "tokenizers"));
        using var other = new MotModel(model.Config with { RopeTheta = 20_000 }, CPU, new Generator(1)); // the same names and shapes
        using var resumed = new TrainingSession(other, TestTraining.Recipe, new TestTraining.Batches());
        Assert.Contains("another configuration", Assert.Throws<MotException>(() => resumed.Restore(store.Open())).Message);
    }

    private static (StepMetrics Metrics, float[] Weights) OneStep(Batch[] microbatches)
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, TestTraining.Recipe with { Epsilon = 1e-3 }, new TestTraining.Batches());
        return (session.Step(microbatches), Weights(model));
    }

    private static float[] Weights(MotModel model) => [.. model.parameters().SelectMany(p => p.detach().contiguous().data<float>().ToArray())];

    /// <summary>The number after a part's name; -1 for what all towers share.</summary>
    private static int Tower(string name) => name.Split('.').Skip(name.StartsWith("layers", StringComparison.Ordinal) ? 2 : 0)
        .Select(part => int.TryParse(part, out var tower) ? tower : -1).DefaultIfEmpty(-1).Max();

    [Fact]
    public void NoiseOnTheExpertsScoresIsThatOfTheSeed()
    {
        var (first, again, other) = (Losses(1), Losses(1), Losses(2));
        Assert.Equal(first, again);
        Assert.NotEqual(first[0], other[0]);
        Assert.NotEqual(Losses(1, noise: false)[0], first[0]);
        Assert.Equal(Losses(1, noise: false), Losses(2, noise: false));

        static double[] Losses(long seed, bool noise = true)
        {
            using var generator = new Generator(1);
            using var model = new MotModel(Architectures.Apply("moe-4x", TestModels.Config()) with { ExpertChoice = new() { GumbelNoise = noise } }, CPU, generator);
            using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches(), seed: seed);
            return [session.Step().Loss, session.Step().Loss];
        }
    }
}
