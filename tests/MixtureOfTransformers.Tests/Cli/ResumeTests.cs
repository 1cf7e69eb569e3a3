using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary><c>mot train --resume</c> goes on with the run as it was started, or says why not.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnInterruptedRunOnDataElsewhereEndsWithTheSameBytes()
    {
        var recipe = Write("tiny.json", PipelineTests.Recipe.Replace("\"steps\": 6", "\"steps\": 12")); // the first checkpoint is told of with the second at the latest
        Succeeds("train", recipe, "--out", In("whole"), "--data", In("shared"));

        Assert.Equal(ExitCode.Interrupted, TrainUntil("saved step-00000003", recipe, "--out", In("stopped"), "--data", In("shared")));
        Succeeds("train", recipe, "--out", In("stopped"), "--resume");
        Assert.False(Directory.Exists(In("stopped/data")), "the data were prepared again");
        foreach (var file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(In($"whole/checkpoints/step-00000012/{file}")), File.ReadAllBytes(In($"stopped/checkpoints/step-00000012/{file}")));
        Succeeds("evaluate", In("stopped"));
    }

    [Fact]
    public void ARunMovesTogetherWithTheDataInsideIt()
    {
        Succeeds("train", Write("tiny.json", PipelineTests.Recipe), "--out", In("run"));
        Directory.Move(In("run"), In("moved"));
        Succeeds("evaluate", In("moved"));
    }

    [Fact]
    public void AnotherRecipeSeedOrArchitectureIsRefused()
    {
        var recipe = Write("tiny.json", PipelineTests.Recipe);
        Succeeds("train", recipe, "--out", In("run"));
        Succeeds("train", recipe, "--out", In("run"), "--resume");
        Succeeds("train", In("run/recipe.json"), "--out", In("run"), "--resume");

        Refused("its training.steps is 6, and here it is 7", Write("edited.json", PipelineTests.Recipe.Replace("\"steps\": 6", "\"steps\": 7")));
        Refused("its seed is 1, and here it is 2", recipe, "--seed", "2");
        Refused("its model.architecture is \"mot\", and here it is \"dense\"", recipe, "--architecture", "dense");
    }

    [Fact]
    public void ValuesOfPlaceholdersNeedNotBeGivenAgainButMustNotChange()
    {
        Directory.CreateDirectory(In("texts"));
        File.WriteAllLines(In("texts/a.txt"), Enumerable.Range(0, 200).Select(i => $"line {i} of {i * i}\n"));
        var recipe = Write("tiny.json", PipelineTests.Recipe.Replace("\"max_objects\": 1 }", "\"max_objects\": 1 }, { \"type\": \"text\", \"paths\": [\"${texts}/a.txt\"] }"));
        Succeeds("train", recipe, "--path", $"texts={In("texts")}", "--out", In("run"));
        Succeeds("train", recipe, "--out", In("run"), "--resume");
        Refused("its data.sources[1].paths[0] is", recipe, "--path", "texts=elsewhere");
    }

    [Fact]
    public void ARunThatDoesNotTellWhereItsDataAreAsksForThem()
    {
        var recipe = Write("tiny.json", PipelineTests.Recipe);
        Succeeds("train", recipe, "--out", In("run"), "--data", In("shared"));
        File.Delete(In("run/environment.json")); // as if it was killed at its start
        foreach (var command in (string[][])[["train", recipe, "--out", In("run"), "--resume"], ["evaluate", In("run")]])
        {
            var run = CliRun.Of(command);
            Assert.Equal(ExitCode.Usage, run.ExitCode);
            Assert.Contains("--data", run.Error);
        }
    }

    private string In(string name) => _folder.File(name);

    private string Write(string name, string text)
    {
        AtomicFile.WriteText(In(name), text);
        return In(name);
    }

    private static void Succeeds(params string[] args)
    {
        var run = CliRun.Of(args);
        Assert.True(run.ExitCode == ExitCode.Success, $"mot {string.Join(' ', args)} ended with {run.ExitCode}: {run.Error}");
    }

    private void Refused(string difference, params string[] args)
    {
        var run = CliRun.Of(["train", .. args, "--out", In("run"), "--resume"]);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains($"was started with another recipe: {difference}", run.Error);
    }

    private static int TrainUntil(string line, params string[] args)
    {
        using var source = new CancellationTokenSource();
        using var output = new Watching(line, source.Cancel);
        return CliApplication.RunAsync(["train", .. args], new CliConsole(output, TextWriter.Null), source.Token).GetAwaiter().GetResult();
    }

    private sealed class Watching(string line, Action seen) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value == line)
                seen();
        }
    }
}
