using System.Diagnostics;
using System.Text;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private const string KilledRunVariable = "MOT_TEST_KILLED_RUN";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void RunFolderExplainsItself()
    {
        var tokenizers = Directory.CreateDirectory(_folder.File("made-tokenizers")).FullName;
        Directory.CreateDirectory(Path.Combine(tokenizers, "text"));
        File.WriteAllText(Path.Combine(tokenizers, "text", "vocab.json"), "{}");
        var folder = RunFolder.Create(_folder.File("run"), Recipe(), tokenizers);
        folder.Record(RunEnvironment.Capture("mot train x.json", 5, 0, new TestClock()));
        Assert.Equal(TrainingOutcome.Completed, Train(folder));
        folder.Record(RunEnvironment.Capture("mot train --resume", 5, 12, new TestClock()));

        Assert.Equal(["checkpoints", "environment.json", "metrics.jsonl", "recipe.json", "tokenizers"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(12, RunFolder.Open(folder.Path).Recipe.Training.Steps);
        Assert.Contains("mot train --resume", File.ReadAllText(Path.Combine(folder.Path, "environment.json")));
        Assert.True(File.Exists(Path.Combine(folder.TokenizersPath, "text", "vocab.json")));
        var state = folder.Checkpoints.Open("best").State;
        Assert.Equal(state.Step, state.Best!.Step);
        Assert.Equal(state.ValidationLoss, state.Best.Loss);
    }

    [Fact]
    public void MetricsHoldEveryLoggedStepAndValidation()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        Train(folder);
        var lines = MetricsLog.Read(folder.MetricsPath);
        Assert.Equal([2, 4, 6, 8, 10, 12], lines.OfType<TrainingMetrics>().Select(l => l.Step));
        Assert.Equal([3, 4, 6, 8, 9, 12], lines.OfType<ValidationMetrics>().Select(l => l.Step)); // every third, and with every checkpoint
        var last = lines.OfType<TrainingMetrics>().Last();
        Assert.Equal(12 * 36, last.Tokens);
        Assert.Equal(["text", "image"], last.ModalityLoss.Keys);
        Assert.True(last is { TokensPerSecond: > 0, Gflops: > 0, GradNorm: > 0, LearningRate: > 0, Seconds: > 0 });
    }

    [Fact]
    public void NonEmptyFolderIsRefused()
    {
        RunFolder.Create(_folder.File("run"), Recipe());
        Assert.Contains("--resume", Assert.Throws<MotException>(() => RunFolder.Create(_folder.File("run"), Recipe())).Message);
        Assert.Contains("not empty", Assert.Throws<MotException>(() => RunFolder.Create(_folder.Path, Recipe())).Message);
        Assert.Contains("not the folder of a run", Assert.Throws<MotException>(() => RunFolder.Open(_folder.Path)).Message);
    }

    [Fact]
    public void FailedStartLeavesAFolderToStartIn()
    {
        var tokenizers = Directory.CreateDirectory(_folder.File("made-tokenizers")).FullName;
        File.WriteAllText(Path.Combine(tokenizers, "whole.json"), "{}");
        Directory.CreateDirectory(Path.Combine(tokenizers, "text"));
        var broken = File.CreateSymbolicLink(Path.Combine(tokenizers, "text", "broken.json"), _folder.File("nowhere"));
        Assert.ThrowsAny<IOException>(() => RunFolder.Create(_folder.File("run"), Recipe(), tokenizers));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("run")));
        broken.Delete();
        Assert.True(File.Exists(Path.Combine(RunFolder.Create(_folder.File("run"), Recipe(), tokenizers).TokenizersPath, "whole.json")));
    }

    [Fact]
    public void DataPreparedForTheRunMayLieInItsFolder()
    {
        var path = _folder.File("run");
        Directory.CreateDirectory(RunFolder.DataPathIn(path));
        Assert.Equal(TrainingOutcome.Completed, Train(RunFolder.Create(path, Recipe())));
    }

    [Fact]
    public void ResumedRunEndsWithTheSameBytesAsAnUninterruptedOne()
    {
        var whole = RunFolder.Create(_folder.File("whole"), Recipe());
        Train(whole);

        var parted = RunFolder.Create(_folder.File("parted"), Recipe());
        using (var cancellation = new CancellationTokenSource())
            Assert.Equal(TrainingOutcome.Interrupted, Train(parted, cancelAfter: 7, cancellation: cancellation));
        Assert.Equal("step-00000007", parted.Checkpoints.Latest);
        Assert.Equal(TrainingOutcome.Completed, Train(RunFolder.Open(parted.Path), resume: true));
        AssertSameResult(whole, parted);
    }

    [Fact]
    public void MetricsAfterTheCheckpointAreCutOff()
    {
        var whole = RunFolder.Create(_folder.File("whole"), Recipe());
        Train(whole);
        var crashed = RunFolder.Create(_folder.File("crashed"), Recipe());
        Assert.Throws<InvalidOperationException>(() => Train(crashed, before: batch =>
        {
            if (batch == 7)
                throw new InvalidOperationException("power cut");
        }));
        Assert.Equal("step-00000004", crashed.Checkpoints.Latest);
        Assert.Equal(6, MetricsLog.Read(crashed.MetricsPath)[^1].Step);
        File.AppendAllText(crashed.MetricsPath, "{\"kind\": \"train\", \"st"); // what a kill in mid-write leaves
        Train(RunFolder.Open(crashed.Path), resume: true);
        AssertSameResult(whole, crashed);
    }

    [Fact]
    public void RunWithoutCheckpointStartsOver()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        Assert.Throws<InvalidOperationException>(() => Train(folder, before: batch =>
        {
            if (batch == 3)
                throw new InvalidOperationException("power cut");
        }));
        Assert.Equal(TrainingOutcome.Completed, Train(RunFolder.Open(folder.Path), resume: true));
        Assert.Equal([2, 4, 6, 8, 10, 12], MetricsLog.Read(folder.MetricsPath).OfType<TrainingMetrics>().Select(l => l.Step));
    }

    [Fact]
    public void DivergenceKeepsTheLastCheckpointAndNamesIt()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, folder.Recipe.Training, new TestTraining.Batches
        {
            Before = batch =>
            {
                using var _ = no_grad();
                if (batch == 6)
                    model.parameters().First().fill_(double.PositiveInfinity);
            },
        });
        var message = Assert.Throws<DivergedException>(() => new Trainer(session, folder, null, TestTraining.Fingerprint).Run()).Message;
        Assert.Contains("step-00000004", message);
        Assert.Equal("step-00000004", folder.Checkpoints.Latest);
        folder.Checkpoints.Open();
    }

    [Fact]
    public void OtherTokenizersAreRefused()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        Train(folder);
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, folder.Recipe.Training, new TestTraining.Batches());
        Assert.Contains("others", Assert.Throws<MotException>(() => new Trainer(session, folder, null, "others").Resume()).Message);
    }

    [Fact]
    public void TwoProcessesCannotTrainInOneFolder()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        using (folder.Lock())
            Assert.Contains("another process", Assert.Throws<MotException>(() => Train(folder)).Message);
        Assert.Equal(TrainingOutcome.Completed, Train(folder));
    }

    [Fact]
    public void ACheckpointThatCannotBeWrittenStopsTheRunWithItsError()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe());
        File.WriteAllText(folder.Checkpoints.Folder, "a file where the folder should be");
        Assert.Contains("cannot save checkpoint step-00000004", Assert.Throws<MotException>(() => Train(folder)).Message);
    }

    [Fact]
    public void EveryCheckpointIsToldOfInOrderOnceItIsOnDisk()
    {
        var folder = RunFolder.Create(_folder.File("run"), Recipe() with { Training = TestTraining.Recipe with { KeepCheckpoints = 9, CheckpointEvery = 1 } });
        var told = new SavedNames(folder.Checkpoints);
        Train(folder, observer: told);
        Assert.Equal(Enumerable.Range(1, 12).Select(step => $"step-{step:D8}"), told.Names);
        Assert.True(told.AllWereOnDisk);
    }

    [Fact]
    public void FullDiskStopsTheRunWithTheLastCheckpointIntact()
    {
        Assert.SkipUnless(SmallDisk.Mount(_folder.Path, "1200k"), "a small tmpfs can only be mounted by root on Linux");
        try
        {
            var folder = RunFolder.Create(_folder.File("run"), Recipe() with { Training = TestTraining.Recipe with { KeepCheckpoints = 100, CheckpointEvery = 1 } });
            Assert.Contains("free space", Assert.Throws<MotException>(() => Train(folder)).Message);
            Assert.NotNull(folder.Checkpoints.Latest);
            folder.Checkpoints.Open();
        }
        finally
        {
            SmallDisk.Unmount(_folder.Path);
        }
    }

    [Fact]
    public void KilledRunResumesToTheSameBytes()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the test program is started by its Unix name");
        var recipe = Recipe() with { Training = TestTraining.Recipe with { Steps = 60, CheckpointEvery = 1, LogEvery = 1 } };
        var whole = RunFolder.Create(_folder.File("whole"), recipe);
        Train(whole);

        var killed = RunFolder.Create(_folder.File("killed"), recipe);
        var program = Path.Combine(AppContext.BaseDirectory, typeof(TrainerTests).Assembly.GetName().Name!);
        var self = new ProcessStartInfo(program, ["-explicit", "only", "-method", $"*.{nameof(TrainUntilKilled)}"]) { RedirectStandardOutput = true };
        self.Environment[KilledRunVariable] = killed.Path;
        using (var process = Process.Start(self)!)
        {
            var output = new StringBuilder();
            process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
            process.BeginOutputReadLine();
            var patience = Stopwatch.StartNew();
            while ((killed.Checkpoints.Names.Count == 0 || killed.Checkpoints.Names[^1].CompareTo("step-00000020") < 0) && !process.HasExited && patience.Elapsed < TimeSpan.FromSeconds(60))
                Thread.Sleep(1);
            var running = !process.HasExited;
            process.Kill(); // SIGKILL
            process.WaitForExit();
            Assert.True(running, $"the run ended before it could be killed: {output}");
        }
        Assert.InRange(killed.Checkpoints.Open().State.Step, 19, 59); // 19 when the kill fell between the checkpoint and the index
        Assert.Equal(TrainingOutcome.Completed, Train(RunFolder.Open(killed.Path), resume: true));
        AssertSameResult(whole, killed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(killed.Checkpoints.Folder, "*.unfinished"));
    }

    /// <summary>The body of the process that <see cref="KilledRunResumesToTheSameBytes"/> kills.</summary>
    [Fact(Explicit = true)]
    public void TrainUntilKilled() => Train(RunFolder.Open(Environment.GetEnvironmentVariable(KilledRunVariable)!), before: _ => Thread.Sleep(5));

    private static Recipe Recipe() => new() { Name = "test", Seed = 5, Training = TestTraining.Recipe };

    private static TrainingOutcome Train(RunFolder folder, bool resume = false, int? cancelAfter = null, CancellationTokenSource? cancellation = null,
        Action<long>? before = null, ITrainingObserver? observer = null)
    {
        using var model = TestTraining.Model();
        using var session = new TrainingSession(model, folder.Recipe.Training, new TestTraining.Batches
        {
            Before = batch =>
            {
                before?.Invoke(batch);
                if (batch + 1 == cancelAfter)
                    cancellation!.Cancel();
            },
        });
        var trainer = new Trainer(session, folder, TestTraining.Validation(2), TestTraining.Fingerprint, observer);
        if (resume)
            trainer.Resume();
        return trainer.Run(cancellation?.Token ?? default);
    }

    private sealed class SavedNames(CheckpointStore store) : ITrainingObserver
    {
        public List<string> Names { get; } = [];

        public bool AllWereOnDisk { get; private set; } = true;

        public void Saved(TrainingSession session, string checkpoint)
        {
            Names.Add(checkpoint);
            AllWereOnDisk &= store.Names.Contains(checkpoint);
        }
    }

    private static void AssertSameResult(RunFolder expected, RunFolder actual)
    {
        foreach (var file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(Bytes(expected, file), Bytes(actual, file));
        Assert.Equal(Numbers(expected), Numbers(actual));

        static byte[] Bytes(RunFolder run, string file) => File.ReadAllBytes(Path.Combine(run.Checkpoints.Folder, run.Checkpoints.Latest!, file));
        static (string, long, double)[] Numbers(RunFolder run) => [.. MetricsLog.Read(run.MetricsPath).Select(l => (l.GetType().Name, l.Step, l.Loss))];
    }
}
