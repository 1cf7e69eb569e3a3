using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class ProbeCausalityCommandTests
{
    private static readonly string[] Small = ["--rows", "2", "--length", "16", "--changes", "4"];

    [Theory]
    [InlineData("dense", "causal")]
    [InlineData("mot", "causal")]
    [InlineData("moe-4x", "leaks")]
    [InlineData("moe-4x --causal", "causal")]
    public void APresetWithRandomWeightsHasTheVerdictOfItsArchitecture(string architecture, string verdict)
    {
        var run = CliRun.Of(["probe-causality", "tiny", "--architecture", .. architecture.Split(' '), .. Small]);
        Assert.Equal(ExitCode.Success, run.ExitCode);
        Assert.Contains($"\n{verdict}: ", run.Output);
        Assert.Contains("Tolerance: ", run.Output);
    }

    [Fact]
    public void TheReportOfARecipeIsJson()
    {
        var run = CliRun.Of(["probe-causality", Repository.PathTo("recipes", "openmoji.json"), "--json", .. Small]);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("causal", json.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(4, json.RootElement.GetProperty("cases").GetArrayLength());
        Assert.Equal("embedding", json.RootElement.GetProperty("stages")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void ATrainedRunIsProbedOnItsOwnData()
    {
        using var folder = new TemporaryFolder();
        var (recipe, run) = (folder.File("tiny.json"), folder.File("run"));
        AtomicFile.WriteText(recipe, PipelineTests.Recipe);
        Assert.Equal(ExitCode.Success, CliRun.Of("train", recipe, "--out", run).ExitCode);
        Assert.Contains("tokens held out: 2 rows of 16", CliRun.Of(["probe-causality", run, .. Small]).Output);
        Assert.Contains("tokens random: 2 rows of 16", CliRun.Of(["probe-causality", run, "--random-tokens", .. Small]).Output);
        Assert.Contains("does not go with a run", CliRun.Of("probe-causality", run, "--architecture", "dense").Error);
    }
}
