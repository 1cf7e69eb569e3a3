using System.Text.Json;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Tokenizers.Speech;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class VocoderTests : IDisposable
{
    private static readonly SpeechTokenizerConfig Config = SampleSpeech.Config with { Vocoder = new() { Width = 16, BlockCount = 1 } };
    private static readonly SpeechTokenizerOptions Options = new() { Steps = 20, BatchSize = 4, VocoderSteps = 40 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItLearnsToMakeTheSoundOfFrames()
    {
        var shape = new MelShape(8000, 80, 200, 64);
        using var scope = NewDisposeScope();
        using var network = new VocoderNetwork(new() { Width = 32, BlockCount = 1 }, shape);
        using var analysis = new MelAnalysis(shape);
        float[] sound = [.. SampleSpeech.Melodies(40, 1).SelectMany(c => c.Samples[..2400])];
        var told = new List<AutoencoderProgress>();
        new VocoderTraining(network, shape, Options with { VocoderSteps = 120 }, told.Add).Run(analysis.Compute(sound), tensor(sound), 1, TimeProvider.System, CancellationToken.None);
        Assert.True(told[^1].Loss < 0.8 * told[0].Loss, string.Join(", ", told.Select(t => t.Loss)));
        Assert.True(told[^1].Error < told[0].Error);

        using var vocoder = new NeuralVocoder(network, shape);
        var tone = TestAudio.Sine(600, 8000);
        using var frames = analysis.Compute(tone.Samples);
        var again = Assert.Single(vocoder.Synthesize(50, (first, count) => frames.narrow(0, first, count), framesAtOnce: 50));
        Assert.Equal(4000, again.Length);
        Assert.InRange(TestAudio.Level(again) / TestAudio.Level(tone.Samples), 0.4, 2);
        Assert.InRange(fft.rfft(tensor(again)).abs().argmax().item<long>() * 2.0, 570, 630); // a bin is 2 Hz
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 7)]
    [InlineData(5, 7)]
    public void BlocksAreTheSameAsTheWhole(int longestRun, int tokensAtOnce)
    {
        using var tokenizer = Train(Config with { LongestRun = longestRun }).Tokenizer;
        var codes = tokenizer.Encode(new([.. SampleSpeech.Melodies(8, 3).SelectMany(c => c.Samples), .. new float[2000]], 8000));
        var whole = tokenizer.Decode(codes).Samples;
        tokenizer.TokensAtOnce = tokensAtOnce;
        var blocks = tokenizer.DecodeBlocks(codes).ToList();
        Assert.All(blocks[..^1], b => Assert.Equal(320 * tokensAtOnce, b.Length));
        Assert.Equal(tokenizer.CountSamples(codes), whole.Length);
        Assert.Equal(whole.Length, blocks.Sum(b => b.Length));
        Assert.InRange(whole.Zip(blocks.SelectMany(b => b)).Max(p => Math.Abs(p.First - p.Second)), 0, 1e-4);
        Assert.InRange(TestAudio.Level(whole), 0.01, 1);
    }

    [Fact]
    public void BothWaysToMakeSoundAreMeasuredWhereThereAreTwo()
    {
        var (with, report) = Train(Config);
        var (without, plain) = SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(40, 1), SampleSpeech.Melodies(4, 2), Config, Options with { VocoderSteps = 0 }, 1);
        using (with)
        using (without)
        {
            Assert.Null(without.Config.Vocoder);
            Assert.Null(plain.GriffinLimDistortionDb);
            Assert.Equal(plain.MelCepstralDistortionDb, report.GriffinLimDistortionDb!.Value, 1e-9); // the vocoder changes nothing else
            Assert.NotEqual(plain.MelCepstralDistortionDb, report.MelCepstralDistortionDb);
            Assert.NotEqual(without.Fingerprint, with.Fingerprint);
            Assert.Equal(without.Decode([1, 2, 3]).Samples, with.DecodeByGriffinLim([1, 2, 3])!.Samples);
            Assert.Null(without.DecodeByGriffinLim([1, 2, 3]));
        }
    }

    [Fact]
    public void SavedVocoderIsTheSame()
    {
        using var tokenizer = Train(Config).Tokenizer;
        tokenizer.Save(_folder.Path);
        using var loaded = SpeechTokenizer.Load(_folder.Path);
        Assert.Equal(Config.Vocoder, loaded.Config.Vocoder);
        Assert.Equal(tokenizer.Fingerprint, loaded.Fingerprint);
        Assert.Equal(tokenizer.Decode([1, 2, 3, 4]).Samples, loaded.Decode([1, 2, 3, 4]).Samples);
        using var again = Train(Config).Tokenizer;
        Assert.Equal(tokenizer.Fingerprint, again.Fingerprint);
    }

    [Fact]
    public void FilesThatDoNotFitAreNamed()
    {
        using var tokenizer = Train(Config).Tokenizer;
        tokenizer.Save(_folder.Path);
        var (config, weights) = (_folder.File("config.json"), _folder.File("model.safetensors"));
        JsonFile.Write(config, Config with { Vocoder = Config.Vocoder! with { Width = 24 } }, TokenizersJson.Default.SpeechTokenizerConfig);
        Assert.Contains("vocoder.input.weight", Assert.ThrowsAny<MotException>(() => SpeechTokenizer.Load(_folder.Path)).Message);
        JsonFile.Write(config, Config with { Vocoder = null }, TokenizersJson.Default.SpeechTokenizerConfig);
        Assert.Contains("vocoder.output.bias", Assert.ThrowsAny<MotException>(() => SpeechTokenizer.Load(_folder.Path)).Message);
        JsonFile.Write(config, Config, TokenizersJson.Default.SpeechTokenizerConfig);
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^100]);
        Assert.Contains("model.safetensors", Assert.Throws<CorruptFileException>(() => SpeechTokenizer.Load(_folder.Path)).Message);
        JsonFile.Write(config, Config with { Vocoder = new() { Width = 0 } }, TokenizersJson.Default.SpeechTokenizerConfig);
        Assert.Contains("vocoder width 0", Assert.Throws<ConfigException>(() => SpeechTokenizer.Load(_folder.Path)).Message);
    }

    [Fact]
    public void WithoutOneEverythingIsWrittenAsBefore()
    {
        Assert.Equal("""
            {
              "sample_rate": 16000,
              "tokens_per_second": 25,
              "frames_per_token": 4,
              "window_milliseconds": 25,
              "mel_count": 64,
              "width": 128,
              "block_count": 2,
              "code_dim": 32,
              "codebook_size": 500
            }
            """, JsonSerializer.Serialize(new SpeechTokenizerConfig(), TokenizersJson.Default.SpeechTokenizerConfig));
        Assert.DoesNotContain("vocoder", JsonSerializer.Serialize(new SpeechTokenizerOptions(), TokenizersJson.Default.SpeechTokenizerOptions));
        var recipe = new SpeechTokenizerRecipe { Training = new() { VocoderSteps = 5 } };
        Assert.Null(recipe.ToConfig(new() { SampleRate = 8000, Sources = [] }).Vocoder); // which the trainer adds
        Assert.Contains("vocoder_steps -1", Assert.Throws<ConfigException>(() => new SpeechTokenizerOptions { VocoderSteps = -1 }.Validate()).Message);
    }

    [Fact]
    public void EveryStageOfTrainingIsTold()
    {
        var told = new List<SpeechTokenizerProgress>();
        Train(Config, Options with { Steps = 30, MaskedPredictionSteps = 40 }, new Report<SpeechTokenizerProgress>(told.Add)).Tokenizer.Dispose();
        Assert.Equal(told.Select(p => p.Fraction).Order(), told.Select(p => p.Fraction));
        Assert.Equal(told.Select(p => p.Stage).Order(), told.Select(p => p.Stage));
        Assert.Equal([71, 91, 110], told.Where(p => p.Stage == SpeechTokenizerStage.Vocoder).Select(p => p.Step));
        Assert.All(told.Where(p => p.Stage == SpeechTokenizerStage.Vocoder), p => Assert.True(p.Perplexity is null && p.ErrorDb > 0));
        Assert.Equal(1, told[^1].Fraction, 1e-9);
    }

    [Fact]
    public void TheTimeLimitHoldsForEachStage()
    {
        var told = new List<SpeechTokenizerProgress>();
        var options = Options with { Steps = 1000, MaskedPredictionSteps = 1000, VocoderSteps = 1000, MaxSeconds = 10 };
        var (tokenizer, report) = SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(40, 1), SampleSpeech.Melodies(4, 2), Config, options, 1, new Report<SpeechTokenizerProgress>(told.Add), new TickingClock());
        using (tokenizer)
            Assert.Equal(9, report.Steps); // the clock advances a second at every look, and the first look is the start
        Assert.Equal([(SpeechTokenizerStage.MaskedPrediction, 1), (SpeechTokenizerStage.Codes, 10), (SpeechTokenizerStage.Vocoder, 19)], told.Select(p => (p.Stage, p.Step)));
    }

    [Fact]
    public void ItLearnsFromWhatTheTokenizerMakesOfEachClip()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1);
        var config = SampleSpeech.Config with { BlockCount = 2, CodebookSize = 100 }; // so many codes that a wrong neighbour changes some
        var network = new SpeechAutoencoder(config);
        network.Initialize(randn(8, 32, config.PatchDim, generator: generator), generator);
        network.Quantizer.Codebook.copy_(randn(100, 8, generator: generator));
        using var tokenizer = new SpeechTokenizer(config, network);
        var clips = SampleSpeech.Melodies(6, 3);
        var frames = clips.ConvertAll(clip => tokenizer.DecodeFrames(tokenizer.Encode(clip)));
        var count = frames.Sum(f => f.shape[0]);
        var (mel_MF, sound_N) = VocoderExamples.Of(network, config, clips, count + 40, CancellationToken.None);
        frames.Add(tokenizer.DecodeFrames(tokenizer.Encode(new(new float[3200], 8000)))); // the silence after them
        Assert.Equal(cat(frames, 0).data<float>().ToArray(), mel_MF.data<float>().ToArray());
        float[] sound = [.. clips.SelectMany(clip => SpeechTokenizer.Samples(clip, config)), .. new float[3200]];
        Assert.Equal(sound, sound_N.data<float>().ToArray());
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (var tokenizer = Train(Config, Options with { Steps = 2, VocoderSteps = 2 }).Tokenizer)
            tokenizer.Decode([1, 2, 3]);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    private static (SpeechTokenizer Tokenizer, SpeechTokenizerReport Report) Train(SpeechTokenizerConfig config, SpeechTokenizerOptions? options = null, IProgress<SpeechTokenizerProgress>? progress = null) =>
        SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(40, 1), SampleSpeech.Melodies(4, 2), config, options ?? Options, 1, progress);
}
