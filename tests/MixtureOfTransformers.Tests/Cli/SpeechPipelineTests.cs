using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Tests.Tokenizers.Speech;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>Three modalities in one model as a user types it, on sounds and models small enough for a test.</summary>
public sealed class SpeechPipelineTests : IDisposable
{
    private const string Recipe = """
        {
          "name": "tiny",
          "data": {
            "sources": [{ "type": "captioned_speech", "path": "${melodies}" }, { "type": "scenes", "count": 60, "max_objects": 1 }],
            "image_size": 8, "sample_rate": 8000, "validation_fraction": 0.2
          },
          "text_tokenizer": { "vocabulary_size": 300 },
          "image_tokenizer": { "width": 8, "code_dim": 4, "codebook_size": 16, "training": { "steps": 5 } },
          "speech_tokenizer": { "mel_count": 16, "width": 8, "code_dim": 4, "codebook_size": 12, "training": { "steps": 5 } },
          "model": { "dim": 16, "layer_count": 1, "head_count": 2, "feed_forward_dim": 16 },
          "training": { "sequence_length": 192, "batch_rows": 2, "steps": 6, "warmup_steps": 1, "validation_batches": 2 }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public SpeechPipelineTests()
    {
        var clips = SampleSpeech.Melodies(60, 1);
        for (var i = 0; i < clips.Count; i++)
            WavFile.Write(_folder.File($"melodies/{i}.wav"), clips[i]);
        File.WriteAllLines(_folder.File("melodies/transcripts.jsonl"), clips.Select((_, i) => $$"""{"file": "{{i}}.wav", "text": "melody {{i}}"}"""));
        File.WriteAllText(_folder.File("tiny.json"), Recipe);
    }

    private string[] Source => [_folder.File("tiny.json"), "--path", $"melodies={_folder.File("melodies")}"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TrainSpeakAndWriteDown()
    {
        Run(["train", .. Source, "--out", _folder.File("run")]);
        var report = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--speech", "--json")).RootElement;
        Assert.All(["text", "image", "speech"], name => Assert.True(report.GetProperty("modality_loss").GetProperty(name).GetDouble() > 0));
        Assert.True(report.GetProperty("speech").GetProperty("models")[0].GetProperty("heard_clips").GetInt32() > 5);

        Run("generate", _folder.File("run"), "--prompt", "melody 1", "--count", "2", "--speak", _folder.File("said.wav"));
        Assert.InRange(AudioFile.Read(_folder.File("said-2.wav")).Seconds, 0.04, 192 / 25.0);
        Assert.NotEqual("", Run("generate", _folder.File("run"), "--audio", _folder.File("melodies/0.wav")).Trim());

        Run("generate", _folder.File("run"), "--audio", _folder.File("melodies/0.wav"), "--out", _folder.File("heard.png"));
        Run("generate", _folder.File("run"), "--image", _folder.File("heard.png"), "--count", "2", "--speak", _folder.File("seen.wav"));
        Assert.InRange(AudioFile.Read(_folder.File("seen-2.wav")).Seconds, 0.04, 192 / 25.0);
        Run("generate", _folder.File("run"), "--interleave", "--audio", _folder.File("melodies/0.wav"), "--prompt", "melody", "--speak", _folder.File("parts.wav"));
        Assert.Contains("[speech 0.", Run(["data", "preview", .. Source]));

        WavFile.Write(_folder.File("long.wav"), new(new float[80_000], 8000));
        var refused = CliRun.Of("generate", _folder.File("run"), "--audio", _folder.File("long.wav"));
        Assert.Equal(ExitCode.Failure, refused.ExitCode);
        Assert.Contains("a recording of 10 s exceeds 7.7 s, the most that the 192 tokens of this model's max_sequence_length can hold", refused.Error);
    }

    [Fact]
    public void SpeechIsDrawnAndImagesAreSpokenAboutWhereBothSayTheSame()
    {
        for (var i = 0; i < 60; i++)
            ImageCodec.WritePng(_folder.File($"melodies/{i}.png"), new(8, 8, 3, [.. Enumerable.Repeat((byte)(4 * i), 192)]));
        File.WriteAllLines(_folder.File("melodies/captions.jsonl"), Enumerable.Range(0, 60).Select(i => $$"""{"file": "{{i}}.png", "caption": "melody {{i}}", "sound": "{{i}}.wav"}"""));
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace("\"type\": \"captioned_speech\", \"path\": \"${melodies}\"", "\"type\": \"captioned_images\", \"path\": \"${melodies}\", \"speech_field\": \"sound\""));
        Run(["train", .. Source, "--out", _folder.File("run")]);
        var speech = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--speech", "--json")).RootElement.GetProperty("speech");
        Assert.InRange(speech.GetProperty("original_matched").GetDouble(), 0, 1);
        Assert.Equal(speech.GetProperty("held_out_clips").GetInt32(), speech.GetProperty("models")[0].GetProperty("drawn_images").GetInt32());
        Assert.InRange(speech.GetProperty("models")[0].GetProperty("drawn_matched").GetDouble(), 0, 1);

        using var trained = TrainedModel.Open(_folder.File("run"), TorchSharp.torch.CPU);
        using var gallery = new SampleGallery(trained.Run.Recipe.Data, trained.Tokenizers, count: 2, seed: 1);
        gallery.Add("mot", trained.Generator);
        ReportSample[] Of(SampleDirection direction) => [.. gallery.Samples.Where(s => s.Direction == direction)];
        Assert.Equal(2, Of(SampleDirection.SpeechToImage).Length);
        Assert.All(Of(SampleDirection.SpeechToImage), s => Assert.True(s is { Image: not null, Sound: not null, Generated: [{ Image: not null, Sound: null }] }));
        Assert.Equal(2, Of(SampleDirection.ImageToSpeech).Length);
        Assert.All(Of(SampleDirection.ImageToSpeech), s => Assert.True(s is { Image: not null, Sound: not null, Generated: [{ Image: null, Sound: not null }] }));
    }

    [Fact]
    public void SoundsComeBackFromTheirCodesAsWav()
    {
        var report = JsonDocument.Parse(Run(["tokenizer", "train-speech", .. Source, "--vocoder-steps", "3", "--out", _folder.File("speech"), "--json"])).RootElement;
        Assert.True(report.GetProperty("log_mel_error_db").GetDouble() > 0);
        Assert.True(report.GetProperty("griffin_lim_distortion_db").GetDouble() > 0);
        var codes = Run("tokenizer", "encode", _folder.File("speech"), _folder.File("melodies/0.wav"));
        File.WriteAllText(_folder.File("codes"), codes);
        Run("tokenizer", "decode", _folder.File("speech"), _folder.File("codes"), "--out", _folder.File("out.wav"));
        Assert.Equal(codes.Split(' ').Length / 25.0, AudioFile.Read(_folder.File("out.wav")).Seconds, 1e-6);
    }

    [Theory]
    [InlineData("--prompt a --speak a.mp3", "--speak a.mp3 must end in .wav")]
    [InlineData("--prompt a --speak a.wav --out a.png", "--speak and --out ask for speech and for an image")]
    [InlineData("--speak a.wav", "give a --prompt")]
    [InlineData("--audio a.wav --prompt b", "each answered by themselves")]
    [InlineData("--audio a.wav --speak b.wav", "leave out --audio")]
    [InlineData("--audio nowhere.wav", "--audio nowhere.wav does not exist")]
    public void MistakesAreNamedBeforeTheModelIsLoaded(string arguments, string message)
    {
        var run = CliRun.Of(["generate", "nowhere", .. arguments.Split(' ')]);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    private static string Run(params string[] arguments)
    {
        var run = CliRun.Of(arguments);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return run.Output;
    }
}
