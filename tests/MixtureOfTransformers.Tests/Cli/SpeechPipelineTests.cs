using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Speech;
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

    private static readonly List<string> Colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]; // as bits: red, green, blue

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
        Run("generate", _folder.File("run"), "--prompt", "melody 1", "--count", "2", "--seconds", "0.02", "--speak", _folder.File("short.wav"));
        Assert.Equal(0.02, AudioFile.Read(_folder.File("short-2.wav")).Seconds, 3);
        Assert.NotEqual("", Run("generate", _folder.File("run"), "--audio", _folder.File("melodies/0.wav")).Trim());

        Run("generate", _folder.File("run"), "--audio", _folder.File("melodies/0.wav"), "--out", _folder.File("heard.png"));
        Run("generate", _folder.File("run"), "--image", _folder.File("heard.png"), "--count", "2", "--speak", _folder.File("seen.wav"));
        Assert.InRange(AudioFile.Read(_folder.File("seen-2.wav")).Seconds, 0.04, 192 / 25.0);
        Run("generate", _folder.File("run"), "--interleave", "--audio", _folder.File("melodies/0.wav"), "--prompt", "melody", "--speak", _folder.File("parts.wav"));
        Assert.Contains("[speech 0.", Run(["data", "preview", .. Source]));

    }

    [Fact]
    public void RecordingsAreAsLongAsIsSaid()
    {
        Run(["train", .. Source, "--out", _folder.File("run")]);
        string Recording(string name, int tokens, int more = 0)
        {
            WavFile.Write(_folder.File(name), new(new float[(320 * tokens) + more], 8000));
            return _folder.File(name);
        }
        var (longest, longer) = (Recording("188.wav", 188), Recording("189.wav", 188, 1)); // BOS, begin and end, one token of text
        Run("generate", _folder.File("run"), "--audio", longest);
        Assert.Contains($"{longer}: a recording of 7.53 s exceeds 7.52 s: max_sequence_length 192 leaves 188 tokens for it beside an answer; cut it into pieces", Refused("--audio", longer));

        var (drawable, undrawable) = (Recording("183.wav", 183), Recording("184.wav", 183, 1)); // and an image of four tokens with its begin and end
        Run("generate", _folder.File("run"), "--audio", drawable, "--out", _folder.File("drawn.png"));
        Assert.Contains($"{undrawable}: a recording of 7.33 s exceeds 7.32 s: max_sequence_length 192 leaves 183 tokens for it beside the image that is drawn", Refused("--audio", undrawable, "--out", _folder.File("drawn.png")));

        var (first, second) = (Recording("100.wav", 100), Recording("86.wav", 86)); // begin and end twice
        Run("generate", _folder.File("run"), "--interleave", "--audio", first, "--audio", second, "--out", _folder.File("parts.png"));
        Assert.Contains($"{longest}: a recording of 7.52 s exceeds 3.44 s: max_sequence_length 192 leaves 86 tokens for it beside the other inputs and an answer", Refused("--interleave", "--audio", first, "--audio", longest, "--out", _folder.File("parts.png")));
        Assert.Contains($"{second}: a recording of 3.44 s exceeds", Refused("--interleave", "--audio", first, "--audio", second, "--prompt", "m", "--out", _folder.File("parts.png")));
    }

    [Fact]
    public void RecordingsOfTooManyTokensAreNamedWhereRunsAreShortened()
    {
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace("\"codebook_size\": 12", "\"codebook_size\": 12, \"longest_run\": 20"));
        Run(["train", .. Source, "--out", _folder.File("run")]);
        WavFile.Write(_folder.File("many.wav"), new([.. SampleSpeech.Melodies(160, 2).SelectMany(c => c.Samples)], 8000));
        Assert.Matches("many.wav: a recording of 5\\d(\\.\\d+)? s makes \\d{3,4} tokens: max_sequence_length 192 leaves 188 tokens for it", Refused("--audio", _folder.File("many.wav")));
    }

    [Fact]
    public void SpeechIsDrawnAndImagesAreSpokenAboutWhereBothSayTheSame()
    {
        for (var i = 0; i < 60; i++)
            ImageCodec.WritePng(_folder.File($"melodies/{i}.png"), Colour(i % 8, i));
        File.WriteAllLines(_folder.File("melodies/captions.jsonl"), Enumerable.Range(0, 60).Select(i => $$"""{"file": "{{i}}.png", "caption": "{{Colours[i % 8]}}", "sound": "{{i}}.wav"}"""));
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace("\"type\": \"captioned_speech\", \"path\": \"${melodies}\"", "\"type\": \"captioned_images\", \"path\": \"${melodies}\", \"speech_field\": \"sound\""));
        Run(["train", .. Source, "--out", _folder.File("run")]);
        var speech = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--speech", "--json")).RootElement.GetProperty("speech");
        Assert.Equal(1, speech.GetProperty("original_matched").GetDouble());
        Assert.Equal(speech.GetProperty("held_out_clips").GetInt32(), speech.GetProperty("models")[0].GetProperty("drawn_images").GetInt32());

        using var trained = TrainedModel.Open(_folder.File("run"), TorchSharp.torch.CPU);
        var recipe = trained.Run.Recipe;
        using var images = SpokenImages.Create(recipe.Data, SpokenExamples.Read(recipe.Data, recipe.Seed, CancellationToken.None).HeldOut, recipe.Seed, CancellationToken.None)!;
        Assert.Equal(0, images.Matched([.. images.Examples.Select(e => Colour(7 - Colours.IndexOf(e.Words)))])); // each in the opposite colour
        Assert.Equal(0.5, images.Matched([.. images.Examples.Select((e, i) => Colour(2 * i < images.Examples.Length ? Colours.IndexOf(e.Words) : 7 - Colours.IndexOf(e.Words)))]), 0.51 / images.Examples.Length);
        var drawn = trained.Generator.DrawAfter([.. images.Examples.Select(e => new Document("said", [new SpeechPart(e.Clip)]))], new() { Seed = recipe.Seed });
        Assert.Equal(images.Matched(drawn), speech.GetProperty("models")[0].GetProperty("drawn_matched").GetDouble());

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
        WithVocoder(3);
        var report = JsonDocument.Parse(Run(["tokenizer", "train-speech", .. Source, "--out", _folder.File("speech"), "--json"])).RootElement;
        Assert.True(report.GetProperty("log_mel_error_db").GetDouble() > 0);
        Assert.True(report.GetProperty("griffin_lim_distortion_db").GetDouble() > 0);
        var codes = Run("tokenizer", "encode", _folder.File("speech"), _folder.File("melodies/0.wav"));
        File.WriteAllText(_folder.File("codes"), codes);
        Run("tokenizer", "decode", _folder.File("speech"), _folder.File("codes"), "--out", _folder.File("out.wav"));
        Assert.Equal(codes.Split(' ').Length / 25.0, AudioFile.Read(_folder.File("out.wav")).Seconds, 1e-6);
    }

    [Fact]
    public void AVocoderThatCannotBeTrainedIsRefusedBeforeAnythingIsRead()
    {
        WithVocoder(-3);
        var refused = CliRun.Of(["tokenizer", "train-speech", .. Source, "--out", _folder.File("speech")]);
        Assert.NotEqual(ExitCode.Success, refused.ExitCode);
        Assert.Contains("vocoder_steps -3 must be at least 0", refused.Error);
        Assert.DoesNotContain("Reading", refused.Error);
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

    /// <summary>8x8 pixels near a corner of the cube of colours; a little light tells images of one colour apart, as equal ones would all be on one side of the data.</summary>
    private static PixelImage Colour(int corner, int light = 0) => new(8, 8, 3, [.. Enumerable.Range(0, 192).Select(i => (byte)((((corner >> (i % 3)) & 1) * 195) + light))]);

    private void WithVocoder(int steps) =>
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace("\"codebook_size\": 12, \"training\": { \"steps\": 5 }", $"\"codebook_size\": 12, \"training\": {{ \"steps\": 5, \"vocoder_steps\": {steps} }}"));

    /// <summary>What <c>mot generate</c> says against some arguments.</summary>
    private string Refused(params string[] arguments)
    {
        var run = CliRun.Of(["generate", _folder.File("run"), .. arguments]);
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        return run.Error;
    }

    private static string Run(params string[] arguments)
    {
        var run = CliRun.Of(arguments);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return run.Output;
    }
}
