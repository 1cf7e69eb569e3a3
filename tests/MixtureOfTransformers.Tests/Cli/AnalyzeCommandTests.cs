using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class AnalyzeCommandTests
{
    [Fact]
    public void RunsAreAnalysedOnTheirHeldOutData()
    {
        using var folder = new TemporaryFolder();
        AtomicFile.WriteText(folder.File("tiny.json"), PipelineTests.Recipe);
        Assert.Equal(ExitCode.Success, CliRun.Of("train", folder.File("tiny.json"), "--out", folder.File("runs/mot")).ExitCode);
        Assert.Equal(ExitCode.Success, CliRun.Of("train", folder.File("tiny.json"), "--out", folder.File("runs/experts"), "--data", folder.File("runs/mot/data"), "--architecture", "hybrid-2x").ExitCode);

        var both = CliRun.Of("analyze", folder.File("runs"), "--out", folder.File("analysis"), "--tokens", "50");
        Assert.Equal((ExitCode.Success, ""), (both.ExitCode, both.Error));
        Assert.Contains("mot: hidden states of held-out tokens", both.Output);
        Assert.Contains("experts: load of the experts", both.Output);

        var report = AnalysisFolder.Read(folder.File("analysis"));
        Assert.Equal([("experts", "hybrid-2x", 1), ("mot", "mot", 0)], report.Runs.Select(run => (run.Name, run.Architecture, run.Routers.Length)));
        Assert.All(report.Runs, run => Assert.Equal(["embedding", "layer 1", "norm"], run.Stages.Select(stage => stage.Name)));
        Assert.All(report.Runs, run => Assert.All(run.Stages, stage => Assert.True(stage.Separation is { Score: >= 0 and <= 1 } && stage.Norms.Length == 2)));
        var page = File.ReadAllText(Path.Combine(folder.File("analysis"), AnalysisFolder.HtmlName));
        Assert.Contains("<svg", page);
        Assert.DoesNotContain("http", page.Replace("http-equiv", ""));

        using var json = JsonDocument.Parse(CliRun.Of("analyze", folder.File("runs/mot"), "--json").Output);
        Assert.Equal(6, json.RootElement.GetProperty("runs")[0].GetProperty("step").GetInt64());
    }

    [Fact]
    public void AFolderWithoutRunsIsRefused()
    {
        using var folder = new TemporaryFolder();
        var run = CliRun.Of("analyze", folder.Path);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains($"{folder.Path} holds no run", run.Error);
    }
}
