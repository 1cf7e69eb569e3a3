using System.Text.Json.Nodes;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Training;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

public sealed class ComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void InterruptedAnywhereItEndsWithTheLossesOfOneThatWasNot()
    {
        var recipe = TestComparison.Recipe with { LearningRates = [0.003, 0.01], SweepSteps = 5 };
        var whole = Run(recipe, "whole");
        foreach (var (after, saveEvery) in (IEnumerable<(int, TimeSpan)>)[(3, TimeSpan.Zero), (13, TimeSpan.Zero), (29, TimeSpan.Zero), (50, TimeSpan.Zero), (50, TimeSpan.MaxValue), (75, TimeSpan.Zero)])
        {
            var name = $"stopped-{after}-{saveEvery == TimeSpan.Zero}";
            var interruptions = 0;
            ComparisonOutcome? outcome = null;
            while (outcome is null)
            {
                using var source = new CancellationTokenSource();
                var stages = new TestComparison.Stages(reports =>
                {
                    if (reports == after && interruptions < 2)
                        source.Cancel();
                });
                try
                {
                    outcome = Run(recipe, name, stages, saveEvery: saveEvery, cancellation: source.Token);
                }
                catch (OperationCanceledException)
                {
                    interruptions++;
                }
            }
            Assert.True(interruptions > 0, "nothing was interrupted");
            Assert.Equal(whole.Sweep.Select(t => (t.Architecture, t.LearningRate, t.Loss, t.Chosen)), outcome.Sweep.Select(t => (t.Architecture, t.LearningRate, t.Loss, t.Chosen)));
            foreach (var run in whole.Runs)
                Assert.Equal(TestComparison.Losses(_folder.File("whole"), run.Seed, run.Architecture), TestComparison.Losses(_folder.File(name), run.Seed, run.Architecture));
        }
    }

    [Fact]
    public void PointsOfTrainingCurvesAreMeansOfTheSameStepsAfterAKill()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1], Recipe = TestComparison.Recipe.Recipe with { Training = TestComparison.Recipe.Recipe.Training with { Steps = 600 } } };
        Run(recipe, "whole");
        foreach (var after in (int[])[301, 101, 102, 103, 105]) // mostly between two points
        {
            using var source = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Run(recipe, "stopped", saveEvery: TimeSpan.FromMilliseconds(30), stages: new TestComparison.Stages(reports =>
            {
                if (reports == after)
                    source.Cancel();
            }), cancellation: source.Token));
        }
        Assert.InRange(RunFolder.Open(Comparison.RunPath(_folder.File("stopped"), 1, "mot")).Checkpoints.Open().State.Step, 1, 599);
        Run(recipe, "stopped");
        Assert.Equal(TestComparison.Losses(_folder.File("whole"), 1, "mot"), TestComparison.Losses(_folder.File("stopped"), 1, "mot"));
        Assert.Contains(MetricsLog.Read(Path.Combine(Comparison.RunPath(_folder.File("stopped"), 1, "mot"), "metrics.jsonl")).OfType<TrainingMetrics>(), line => line.Step % 3 != 0);
    }

    [Fact]
    public void WhatIsFinishedIsReadAndNotTrained()
    {
        var recipe = TestComparison.Recipe with { LearningRates = [0.003, 0.01], SweepSteps = 5 };
        var first = Run(recipe, "out");
        var written = Directory.EnumerateFiles(_folder.File("out/runs"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var stages = new TestComparison.Stages();
        var second = Run(recipe, "out", stages);
        Assert.DoesNotContain(stages.Names, name => name.StartsWith("Training", StringComparison.Ordinal) || name.StartsWith("Trying", StringComparison.Ordinal));
        Assert.Equal(written, Directory.EnumerateFiles(_folder.File("out/runs"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc));
        Assert.Equal(first.Runs.Select(r => (r.Architecture, r.Seed, r.Steps, r.Seconds, r.Flops)), second.Runs.Select(r => (r.Architecture, r.Seed, r.Steps, r.Seconds, r.Flops)));
    }

    [Fact]
    public void SeedsThatAreAddedGiveWhatAComparisonBegunWithThemGives()
    {
        var recipe = TestComparison.Recipe with { LearningRates = [0.003, 0.01], SweepSteps = 5 };
        var whole = Run(recipe, "whole");
        Run(recipe with { Seeds = [1] }, "grown");
        var written = Directory.EnumerateFiles(_folder.File("grown/runs"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var stages = new TestComparison.Stages();
        var grown = Run(recipe with { Seeds = [2, 1] }, "grown", stages);
        Assert.Equal(["Training Dense, MoT, seed 2"], stages.Names.Where(name => name.StartsWith("Training", StringComparison.Ordinal) || name.StartsWith("Trying", StringComparison.Ordinal)));
        Assert.All(written, file => Assert.Equal(file.Value, File.GetLastWriteTimeUtc(file.Key)));
        Assert.Equal(File.ReadAllText(_folder.File("whole/plan.json")), File.ReadAllText(_folder.File("grown/plan.json")));
        Assert.Equal(whole.Runs.Select(r => (r.Architecture, r.Seed, r.LearningRate)), grown.Runs.Select(r => (r.Architecture, r.Seed, r.LearningRate)));
        foreach (var run in whole.Runs)
            Assert.Equal(TestComparison.Losses(_folder.File("whole"), run.Seed, run.Architecture), TestComparison.Losses(_folder.File("grown"), run.Seed, run.Architecture));
    }

    [Fact]
    public void FewerSeedsAreShownAloneAndTheOtherRunsStay()
    {
        var recipe = TestComparison.Recipe with { LearningRates = [0.003, 0.01], SweepSteps = 5 };
        var whole = Run(recipe, "out");
        var plan = File.ReadAllText(_folder.File("out/plan.json"));
        var written = Directory.EnumerateFiles(_folder.File("out/runs"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc);
        var second = Run(recipe with { Seeds = [2] }, "out");
        Assert.Equal([("dense", 2L), ("mot", 2L)], second.Runs.Select(r => (r.Architecture, r.Seed)));
        Assert.Equal(whole.Sweep.Select(t => (t.Architecture, t.LearningRate, t.Loss, t.Chosen)), second.Sweep.Select(t => (t.Architecture, t.LearningRate, t.Loss, t.Chosen)));
        Assert.Contains(second.Notes, note => note.Contains("runs of 5 steps with seed 1", StringComparison.Ordinal));
        Assert.Contains(second.Notes, note => note.StartsWith("The folder also holds runs with seed 1, ", StringComparison.Ordinal));
        Assert.Equal(plan, File.ReadAllText(_folder.File("out/plan.json")));
        Assert.Equal(written, Directory.EnumerateFiles(_folder.File("out/runs"), "*", SearchOption.AllDirectories).ToDictionary(file => file, File.GetLastWriteTimeUtc));
        var third = Run(recipe with { Seeds = [3] }, "out");
        Assert.Equal([3L, 3L], third.Runs.Select(r => r.Seed));
        var all = Run(recipe with { Seeds = [1, 2, 3] }, "out");
        Assert.Equal([1L, 1L, 2L, 2L, 3L, 3L], all.Runs.Select(r => r.Seed));
        Assert.DoesNotContain(all.Notes, note => note.StartsWith("The folder also holds", StringComparison.Ordinal));
    }

    [Fact]
    public void ARunThatDivergesIsMarkedAndTheOthersGoOn()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1] };
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(recipe, "out", new TestComparison.Stages(reports =>
        {
            if (reports == 20)
                source.Cancel();
        }), cancellation: source.Token));
        Spoil(_folder.File("out"), "mot");
        foreach (var outcome in (ComparisonOutcome[])[Run(recipe, "out"), Run(recipe, "out")]) // the second reads what the first found
        {
            var (dense, mot) = (outcome.Runs[0], outcome.Runs[1]);
            Assert.Equal((20, null), (dense.Steps, dense.Divergence));
            Assert.Contains("the loss is NaN", mot.Divergence!.Reason);
            Assert.DoesNotContain("weights", mot.Divergence.Reason);
            Assert.InRange(mot.Divergence.Step, 2, 19);
            Assert.Equal(mot.Divergence.Step - 1, mot.Steps); // every step is logged in a run this short
            Assert.Contains(outcome.Notes, note => note.StartsWith("MoT diverged with seed 1", StringComparison.Ordinal));
            Assert.Equal(MatchOutcome.Diverged, ComparisonStudy.Create(ExampleReports.Metadata(), "dense", outcome.Runs, []).Seeds[0].Results[^1].Outcome);
        }
    }

    [Fact]
    public void ARunThatEndsWorseThanUntrainedHasDiverged()
    {
        var outcome = Run(TestComparison.Recipe with { Recipe = TestComparison.Recipe.Recipe with { Training = TestComparison.Recipe.Recipe.Training with { LearningRate = 30 } }, Seeds = [1] }, "out");
        Assert.All(outcome.Runs, run => Assert.Contains("of the model before its first step", run.Divergence?.Reason));
        Assert.All(outcome.Runs, run => Assert.Equal((20, 20), (run.Steps, run.Divergence!.Step)));
    }

    [Fact]
    public void WhereEveryRateDivergesTheLowestIsTakenAndNothingStops()
    {
        var outcome = Run(TestComparison.Recipe with { LearningRates = [1e20, 1e25], SweepSteps = 8, Seeds = [1], Samples = 1 }, "out");
        Assert.All(outcome.Sweep, trial => Assert.Equal(trial.LearningRate == 1e20, trial.Chosen));
        Assert.All(outcome.Runs, run => Assert.NotNull(run.Divergence));
        Assert.Equal(2, outcome.Notes.Count(note => note.StartsWith("Every learning rate", StringComparison.Ordinal)));
        Assert.Equal(2, outcome.Notes.Count(note => note.StartsWith("No samples", StringComparison.Ordinal) && note.EndsWith("it diverged.", StringComparison.Ordinal)));
    }

    [Fact]
    public void RunsThatChooseAmongTokensAreMeasuredCausallyTooAndAStopChangesNothing()
    {
        var recipe = TestComparison.Recipe with { Architectures = [new() { Name = "dense" }, new() { Name = "moe-2x" }, new() { Name = "mod-mot" }], Seeds = [1], RouterSteps = 6 };
        var whole = Run(recipe, "whole");
        Assert.Null(whole.Runs[0].CausalLoss);
        foreach (var run in whole.Runs[1..])
        {
            using var trained = TrainedModel.Open(Comparison.RunPath(_folder.File("whole"), 1, run.Architecture), CPU);
            using var data = PreparedData.Open(_folder.File("data/tokens"));
            trained.Model.ExpertRouting = ExpertRouting.Auxiliary;
            Assert.Equal(new Validation([.. data.ValidationBatches(2, 96, 1)]).Measure(trained.Model).ModalityLoss.OrderBy(m => m.Key), run.CausalLoss!.OrderBy(m => m.Key));
            Assert.NotEqual(run.Curves.First(c => c.Split == CurveSplit.Validation).Points[^1].Loss, run.CausalLoss![run.Curves[0].Modality.Name]);
        }
        var table = StudyTables.Quality(ComparisonStudy.Create(ExampleReports.Metadata(), "dense", whole.Runs, []));
        var column = table.Columns.Select(c => c.Header).ToList().IndexOf("Causal loss");
        Assert.Equal(["-", ReportNumbers.Loss(whole.Runs[1].CausalLoss!["text"])], table.Rows.Take(2).Select(r => r[column].Text));
        Assert.Contains(whole.Notes, note => note.StartsWith("MoE-2x and MoD + MoT decide among all tokens", StringComparison.Ordinal) && note.Contains("trained for 6 steps", StringComparison.Ordinal));

        using var source = new CancellationTokenSource();
        var stages = new TestComparison.Stages
        {
            StageStarted = name =>
        {
            if (name.StartsWith("Training routers", StringComparison.Ordinal))
                source.Cancel();
        }
        };
        Assert.Throws<OperationCanceledException>(() => Run(recipe, "stopped", stages, cancellation: source.Token));
        Assert.Equal(whole.Runs.Select(r => r.CausalLoss), Run(recipe, "stopped").Runs.Select(r => r.CausalLoss));
        var again = new TestComparison.Stages();
        Run(recipe, "stopped", again);
        Assert.DoesNotContain(again.Names, name => name.StartsWith("Training", StringComparison.Ordinal));
        Assert.All(Run(recipe with { RouterSteps = 0 }, "without").Runs, run => Assert.Null(run.CausalLoss));
    }

    [Fact]
    public void RoutersAreNotTrainedInARunThatAnotherProcessHas()
    {
        var recipe = TestComparison.Recipe with { Architectures = [new() { Name = "moe-2x" }], Seeds = [1], RouterSteps = 6 };
        IDisposable? taken = null;
        var stages = new TestComparison.Stages
        {
            StageStarted = name => taken ??= name.StartsWith("Training routers", StringComparison.Ordinal) ? RunFolder.Open(Comparison.RunPath(_folder.File("out"), 1, "moe-2x")).Lock() : null,
        };
        Assert.Contains("another process is training in", Assert.Throws<MotException>(() => Run(recipe, "out", stages)).Message);
        Assert.Null(CausalRuns.Read(Comparison.RunPath(_folder.File("out"), 1, "moe-2x")));
        taken!.Dispose();
        Assert.NotNull(Run(recipe, "out").Runs[0].CausalLoss);
    }

    [Fact]
    public void WhereRoutersFailThereIsNoCausalLossAndANoteSaysWhy()
    {
        var recipe = TestComparison.Recipe with { Architectures = [new() { Name = "dense" }, new() { Name = "moe-2x" }], Seeds = [1], RouterSteps = 6 };
        using var source = new CancellationTokenSource();
        var stages = new TestComparison.Stages
        {
            StageStarted = name =>
            {
                if (name.StartsWith("Training routers", StringComparison.Ordinal))
                    source.Cancel();
            },
        };
        Assert.Throws<OperationCanceledException>(() => Run(recipe, "out", stages, cancellation: source.Token));
        Spoil(_folder.File("out"), "moe-2x");
        foreach (var outcome in (ComparisonOutcome[])[Run(recipe, "out"), Run(recipe, "out")]) // the second reads what the first found
        {
            Assert.Null(outcome.Runs[1].CausalLoss);
            Assert.Contains(outcome.Notes, note => note.StartsWith("No causal loss of MoE-2x with seed 1: ", StringComparison.Ordinal));
            Assert.Contains(outcome.Notes, note => note.StartsWith("MoE-2x decides among all tokens", StringComparison.Ordinal));
        }
        JsonFile.Write(Path.Combine(Comparison.RunPath(_folder.File("out"), 1, "moe-2x"), "causal.json"), new(0.5, LossOf(double.NaN)), CompareJson.Default.CausalResult); // as an earlier version kept it
        Assert.Null(Run(recipe, "out").Runs[1].CausalLoss);

        static System.Collections.Immutable.ImmutableSortedDictionary<string, double> LossOf(double loss) => System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("text", loss);
    }

    [Fact]
    public void OtherDataIsRefusedAndNothingIsChanged()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1] };
        Run(recipe, "out");
        var plan = File.ReadAllText(_folder.File("out/plan.json"));
        RecipePreparation.Run(recipe.Recipe with { Seed = 5 }, _folder.File("other"), IStages.Silent, TestContext.Current.CancellationToken).Dispose();
        foreach (var seeds in (long[][])[[1], [1, 2]])
        {
            var error = Assert.Throws<MotException>(() => Run(recipe with { Seeds = [.. seeds] }, "out", dataFolder: "other"));
            Assert.Contains($"was made with the data in {_folder.File("data")} (tokenizers ", error.Message);
            Assert.Contains($"and that in {_folder.File("other")} is other", error.Message);
        }
        Assert.Equal(plan, File.ReadAllText(_folder.File("out/plan.json")));

        Forget("data"); // a plan of an earlier version: the runs say with which tokenizers they were made
        Assert.Contains("was trained with the tokenizers", Assert.Throws<MotException>(() => Run(recipe, "out", dataFolder: "other")).Message);
        Run(recipe, "out");
        Assert.Equal(plan, File.ReadAllText(_folder.File("out/plan.json")));
    }

    [Fact]
    public void AnotherDeviceIsRefused()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1] };
        Run(recipe, "out");
        var plan = File.ReadAllText(_folder.File("out/plan.json"));
        AtomicFile.WriteText(_folder.File("out/plan.json"), plan.Replace("\"device\": \"cpu\"", "\"device\": \"cuda\"", StringComparison.Ordinal));
        Assert.Contains("is on cuda, and here the device is cpu", Assert.Throws<MotException>(() => Run(recipe, "out")).Message);
        AtomicFile.WriteText(_folder.File("out/plan.json"), plan);
        Forget("device");
        Run(recipe, "out");
        Assert.Equal(plan, File.ReadAllText(_folder.File("out/plan.json")));
    }

    [Fact]
    public void CurvesHaveBothSplitsAtTheSameStepsForAll()
    {
        var outcome = Run(TestComparison.Recipe, "out");
        Assert.Equal([("dense", 1), ("mot", 1), ("dense", 2), ("mot", 2)], outcome.Runs.Select(r => (r.Architecture, r.Seed)));
        foreach (var run in outcome.Runs)
        {
            Assert.Equal((20, 20 * 2 * 96, 0.01), (run.Steps, run.Tokens, run.LearningRate));
            Assert.Equal(4, run.Curves.Length);
            Assert.All(run.Curves.Where(c => c.Split == CurveSplit.Validation), c => Assert.Equal(outcome.Plan.EvaluationSteps, c.Validate().Points.Select(p => p.Step)));
            Assert.All(run.Curves.Where(c => c.Split == CurveSplit.Training), c => Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), c.Validate().Points.Select(p => p.Step)));
            Assert.Equal(outcome.Runs.First(r => r.Seed == run.Seed).Flops, run.Flops);
        }
    }

    [Fact]
    public void AllArchitecturesOfASeedHaveTheSameWeightsAndDataAndSeedsDiffer()
    {
        Run(TestComparison.Recipe with { Architectures = [new() { Name = "dense" }, new() { Name = "twin", Architecture = "dense" }, new() { Name = "mot" }] }, "out");
        var (dense, twin, other) = (TestComparison.Losses(_folder.File("out"), 1, "dense"), TestComparison.Losses(_folder.File("out"), 1, "twin"), TestComparison.Losses(_folder.File("out"), 2, "dense"));
        Assert.Equal(dense, twin);
        Assert.NotEqual(dense, other);
        var positions = new[] { "dense", "mot" }.Select(name => RunFolder.Open(Comparison.RunPath(_folder.File("out"), 1, name)).Checkpoints.Open().State.Position);
        Assert.Single(positions.Distinct());
    }

    [Fact]
    public void SecondsCountStepsAlone()
    {
        var clock = new TestClock();
        var recipe = TestComparison.Recipe with { Architectures = [new() { Name = "dense" }] }; // alone, as a step of another would last while the clock moves
        var outcome = Run(recipe, "out", new TestComparison.Stages(_ => clock.Advance(TimeSpan.FromSeconds(10))), clock);
        Assert.All(outcome.Runs, run => Assert.Equal(0, run.Seconds));
    }

    [Fact]
    public void EveryArchitectureIsTrainedWithItsBestRate()
    {
        var outcome = Run(TestComparison.Recipe with { LearningRates = [1e-6, 0.01, 1e6], SweepSteps = 8, Seeds = [1] }, "out");
        Assert.Equal(6, outcome.Sweep.Length);
        Assert.All(outcome.Sweep, trial => Assert.Equal(trial.LearningRate == 0.01, trial.Chosen));
        Assert.All(outcome.Runs, run => Assert.Equal(0.01, run.LearningRate));
        Assert.Equal(0.01, RunFolder.Open(Comparison.RunPath(_folder.File("out"), 1, "mot")).Recipe.Training.LearningRate);
    }

    [Fact]
    public void AnotherRecipeIsRefusedByItsFirstDifference()
    {
        Run(TestComparison.Recipe with { Seeds = [1] }, "out");
        var longer = TestComparison.Recipe with { Recipe = TestComparison.Recipe.Recipe with { Training = TestComparison.Recipe.Recipe.Training with { Steps = 40 } } };
        Assert.Matches("its recipe.training.steps is 20, and here it is 40; .* all its runs have 20 steps", Assert.Throws<MotException>(() => Run(longer, "out")).Message);
        Assert.Contains("its architectures[1] is \"mot\"", Assert.Throws<MotException>(() => Run(TestComparison.Recipe with { Seeds = [1], Architectures = [new() { Name = "dense" }, new() { Name = "moe-4x" }] }, "out")).Message);
        AtomicFile.WriteText(_folder.File("mine/notes.txt"), "mine");
        Assert.Contains("not empty", Assert.Throws<MotException>(() => Run(TestComparison.Recipe, "mine")).Message);
    }

    [Fact]
    public void AFolderInUseIsRefused()
    {
        Exception? error = null;
        var stages = new TestComparison.Stages(reports => error ??= Record.Exception(() => Run(TestComparison.Recipe, "out")));
        Run(TestComparison.Recipe with { Seeds = [1] }, "out", stages);
        Assert.Contains("another process", Assert.IsType<MotException>(error).Message);
    }

    [Fact]
    public void SamplesShowEveryArchitectureOfTheFirstSeed()
    {
        var outcome = Run(TestComparison.Recipe with { Samples = 2, Seeds = [1] }, "out");
        Assert.Equal(4, outcome.Samples.Length);
        Assert.All(outcome.Samples, sample => Assert.Equal(["dense", "mot"], sample.Generated.Select(g => g.Architecture)));
        Assert.NotNull(outcome.ImageTokenizer);
    }

    /// <summary>Makes the weights of the last checkpoint of a run useless.</summary>
    private static void Spoil(string comparison, string architecture)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var folder = RunFolder.Open(Comparison.RunPath(comparison, 1, architecture));
        var checkpoint = folder.Checkpoints.Open();
        using var model = checkpoint.LoadModel(CPU);
        using var session = new TrainingSession(model, folder.Recipe.Training, new TestTraining.Batches());
        session.Restore(checkpoint);
        foreach (var parameter in model.parameters())
            parameter.fill_(double.NaN);
        folder.Checkpoints.Save(model, session.Moments(), checkpoint.State);
    }

    /// <summary>Takes a field out of the plan in <c>out</c>, as it is in a plan of an earlier version.</summary>
    private void Forget(string field)
    {
        var plan = JsonNode.Parse(File.ReadAllText(_folder.File("out/plan.json")))!.AsObject();
        Assert.True(plan.Remove(field));
        AtomicFile.WriteText(_folder.File("out/plan.json"), plan.ToJsonString());
    }

    private ComparisonOutcome Run(CompareRecipe recipe, string name, IStages? stages = null, TimeProvider? time = null, TimeSpan saveEvery = default, CancellationToken? cancellation = null, string dataFolder = "data") =>
        new Comparison(recipe, _folder.File(name), new() { Stages = stages ?? IStages.Silent, Time = time ?? TimeProvider.System, DataFolder = _folder.File(dataFolder), SaveEvery = saveEvery })
            .Run(cancellation ?? TestContext.Current.CancellationToken);
}
