using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Tokenizers.Speech;
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
    public void SpeechIsSpokenHeardAndShown()
    {
        var clips = SampleSpeech.Melodies(80, 1);
        for (var i = 0; i < clips.Count; i++)
            WavFile.Write(_folder.File($"melodies/{i}.wav"), clips[i]);
        File.WriteAllLines(_folder.File("melodies/transcripts.jsonl"), clips.Select((_, i) => $$"""{"file": "{{i}}.wav", "text": "melody {{i}}"}"""));
        var recipe = Tiny with
        {
            Data = Tiny.Data with { Sources = [new CaptionedSpeechRecipe { Path = _folder.File("melodies") }, .. Tiny.Data.Sources], SampleRate = 8000 },
            SpeechTokenizer = new() { MelCount = 16, Width = 8, CodeDim = 4, CodebookSize = 12, Training = new() { Steps = 5 } },
        };
        var output = Run(_folder.File("out"), QuickstartSetting.Speech, recipe);
        Assert.Equal(6, output.GetProperty("results").GetArrayLength());
        var speech = output.GetProperty("speech");
        Assert.Equal(["dense", "mot"], speech.GetProperty("models").EnumerateArray().Select(m => m.GetProperty("architecture").GetString()));
        Assert.True(speech.GetProperty("models")[0].GetProperty("word_error_rate").GetDouble() > 0);
        Assert.Equal(JsonValueKind.Null, speech.GetProperty("original_recognized").ValueKind); // eighty different words are too many for so few recordings
        var spoken = output.GetProperty("samples").EnumerateArray().Where(s => s.GetProperty("direction").GetString() == "text_to_speech").ToList();
        Assert.Equal(4, spoken.Count);
        Assert.All(spoken, s => Assert.True(AudioFile.Read(_folder.File(Path.Combine("out", s.GetProperty("generated")[1].GetProperty("sound").GetProperty("file").GetString()!))).Seconds > 0));
    }

    [Fact]
    public void WithoutTheProgramThatSpeaksOneLineSaysWhatInstallsIt()
    {
        var run = ChildProcess.Mot(["quickstart", "--setting", "speech", "--out", _folder.File("out")], ("PATH", _folder.Path));
        Assert.Equal((ExitCode.Failure, "", 1), (run.ExitCode, run.Output, run.Error.TrimEnd().Split('\n').Length));
        Assert.Contains("sudo apt install espeak-ng", run.Error);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void AFolderInUseIsRefusedBeforeAnythingIsDone()
    {
        AtomicFile.WriteText(_folder.File("report.json"), "mine");
        Assert.Contains("--out", Assert.Throws<MotException>(() => Run(_folder.Path)).Message);
        Assert.Equal("mine", File.ReadAllText(_folder.File("report.json")));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static JsonElement Run(string folder) => Run(folder, QuickstartSetting.Chameleon, Tiny);

    private static JsonElement Run(string folder, QuickstartSetting setting, Recipe recipe)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        new Quickstart(setting, recipe, folder, TimeSpan.FromMilliseconds(1), new CliConsole(output, error), json: true).Run(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(output.ToString()).RootElement;
    }
}
