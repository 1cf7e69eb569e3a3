using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>The main job on a recipe and a budget small enough for a test.</summary>
public sealed class QuickstartTests : IDisposable
{
    private static readonly Recipe Tiny = RecipeFile.Parse("""
        {
          "name": "tiny",
          "data": { "sources": [{ "type": "scenes", "count": 150, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
          "text_tokenizer": { "vocabulary_size": 300 },
          "image_tokenizer": { "width": 8, "code_dim": 4, "codebook_size": 16, "training": { "steps": 5 } },
          "model": { "dim": 16, "layer_count": 1, "head_count": 2, "feed_forward_dim": 16 },
          "training": { "sequence_length": 192, "batch_rows": 2, "warmup_steps": 1, "validation_batches": 1 }
        }
        """, "test");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReportSaysWhatItRestsOnAndTheRunsCanBeUsed()
    {
        var output = Run(_folder.File("out"));
        var results = output.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(4, results.Count);
        foreach (var field in new[] { "architecture", "modality", "validation_loss", "step_slope", "step_ratio", "seconds_slope", "seconds", "flops", "parameters" })
            Assert.All(results, r => Assert.True(r.TryGetProperty(field, out _), field));
        var steps = results[0].GetProperty("steps").GetInt64();
        var metadata = output.GetProperty("metadata");
        Assert.Equal(steps, metadata.GetProperty("recipe").GetProperty("training").GetProperty("steps").GetInt64());
        Assert.NotEmpty(metadata.GetProperty("machine").EnumerateObject());
        Assert.NotEmpty(metadata.GetProperty("versions").EnumerateObject());
        Assert.Equal(8, output.GetProperty("samples").GetArrayLength());
        Assert.True(File.Exists(_folder.File(Path.Combine("out", ReportFolder.HtmlName))));

        var described = CliRun.Of("generate", _folder.File(Path.Combine("out", "mot")), "--prompt", "a red circle", "--out", _folder.File("circle.png"));
        Assert.True(described.ExitCode == ExitCode.Success, described.Error);
    }

    [Fact]
    public void AFolderInUseIsRefusedBeforeAnythingIsDone()
    {
        AtomicFile.WriteText(_folder.File("report.json"), "mine");
        Assert.Contains("--out", Assert.Throws<MotException>(() => Run(_folder.Path)).Message);
        Assert.Equal("mine", File.ReadAllText(_folder.File("report.json")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static JsonElement Run(string folder)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        new Quickstart(Tiny, "chameleon", folder, TimeSpan.FromMilliseconds(1), new CliConsole(output, error), json: true).Run(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(output.ToString()).RootElement;
    }
}
