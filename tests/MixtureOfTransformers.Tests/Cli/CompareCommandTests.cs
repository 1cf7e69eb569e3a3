using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Evaluation.Comparing;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class CompareCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CompareCommandTests() => AtomicFile.WriteText(_folder.File("tiny.json"), TestComparison.Json);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EndsWithTheTablesAndRunsThatCanBeUsed()
    {
        var run = CliRun.Of("compare", _folder.File("tiny.json"), "--out", _folder.File("out"), "--steps", "12", "--seeds", "3");
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        Assert.Contains("Open ", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File(Path.Combine("out", ReportFolder.HtmlName))));
        var evaluated = CliRun.Of("evaluate", _folder.File("out/runs/seed3/mot"));
        Assert.True(evaluated.ExitCode == ExitCode.Success, evaluated.Error);
        Assert.Contains("step 12", evaluated.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void VariantsShareTheDataAndAreOneJsonDocument()
    {
        AtomicFile.WriteText(_folder.File("sizes.json"), TestComparison.Json.Replace("\"samples\": 0", "\"seeds\": [1], \"variants\": [{ \"name\": \"a\" }, { \"name\": \"b\", \"recipe\": { \"model\": { \"dim\": 8 } } }]", StringComparison.Ordinal).Replace("\"seeds\": [1, 2],", "", StringComparison.Ordinal));
        var run = CliRun.Of("compare", _folder.File("sizes.json"), "--out", _folder.File("out"), "--steps", "12", "--json");
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        Assert.Equal(2, JsonDocument.Parse(run.Output).RootElement.GetArrayLength());
        Assert.Equal(["a", "b", "data", "plots"], Directory.EnumerateFileSystemEntries(_folder.File("out")).Select(Path.GetFileName).Order());
        Assert.True(CliRun.Of("evaluate", _folder.File("out/b/runs/seed1/mot")).ExitCode == ExitCode.Success);
    }

    [Fact]
    public void InterruptedItSaysHowToGoOn()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var run = CliRun.Of(null, source.Token, "compare", _folder.File("tiny.json"), "--out", _folder.File("out"));
        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.Contains("the same command goes on", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingFileIsNamedBeforeAnythingIsPrepared()
    {
        AtomicFile.WriteText(_folder.File("two.json"), TestComparison.Json.Replace("\"max_objects\": 1 }", "\"max_objects\": 1 }, { \"type\": \"captioned_images\", \"path\": \"${pictures}/all.zip\" }", StringComparison.Ordinal));
        var run = CliRun.Of("compare", _folder.File("two.json"), "--path", "pictures=" + _folder.File("none"), "--out", _folder.File("out"));
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("all.zip does not exist", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Reading documents", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("out")));
    }

    [Theory]
    [InlineData("--seeds", "1,x", "--seeds 1,x must be whole numbers")]
    [InlineData("--minutes", "-1", "minutes -1 must be positive")]
    [InlineData("--steps", "0", "must be positive")]
    public void AnOptionThatMakesNoSenseIsRefused(string option, string value, string problem)
    {
        var run = CliRun.Of("compare", _folder.File("tiny.json"), "--out", _folder.File("out"), option, value);
        Assert.NotEqual(ExitCode.Success, run.ExitCode);
        Assert.Contains(problem, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("out")));
    }
}
