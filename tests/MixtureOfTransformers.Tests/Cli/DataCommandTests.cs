using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class DataCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PreviewShowsCaptionsAndDrawsTheImages()
    {
        var run = CliRun.Of("data", "preview", Repository.PathTo("recipes", "quickstart.json"), "--count", "7", "--out", _folder.File("scenes.png"));
        Assert.Equal(ExitCode.Success, run.ExitCode);
        var lines = run.Output.TrimEnd().Split('\n');
        Assert.Equal(8, lines.Length);
        Assert.Equal(_folder.File("scenes.png"), lines[^1]);
        Assert.All(lines[..^1], line => Assert.Matches("^(train|validation)  .*\\[image\\]", line));
        var grid = ImageCodec.Decode(File.ReadAllBytes(_folder.File("scenes.png")), Rgb.White);
        Assert.InRange(grid.Width, 6 * 32 * 4, 6 * 34 * 4);
    }
}
