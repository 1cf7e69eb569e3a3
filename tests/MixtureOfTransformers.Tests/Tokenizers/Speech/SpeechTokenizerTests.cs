using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class SpeechTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SpeechTokenizer _tokenizer = SampleSpeech.Train(steps: 20);

    public void Dispose()
    {
        _tokenizer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void TwentyFiveTokensMakeASecond()
    {
        Assert.Equal(25, _tokenizer.Encode(TestAudio.Sine(400, 8000, seconds: 1)).Length);
        Assert.Equal(26, _tokenizer.Encode(TestAudio.Sine(400, 8000, seconds: 1.001)).Length);
        Assert.Equal(25, _tokenizer.Encode(TestAudio.Sine(400, 16000, seconds: 1)).Length);
        Assert.Single(_tokenizer.Encode(new([0.5f], 8000)));
        Assert.Empty(_tokenizer.Encode(new([], 8000)));
        Assert.Equal(1.0, _tokenizer.Decode(new int[25]).Seconds, 1e-9);
        Assert.Empty(_tokenizer.Decode([]).Samples);
    }

    [Fact]
    public void CodesDoNotDependOnLevelOrOffset()
    {
        var clip = SampleSpeech.Melodies(1, 3)[0];
        var codes = _tokenizer.Encode(clip);
        Assert.Equal(codes, _tokenizer.Encode(new([.. clip.Samples.Select(s => 0.1f * s)], 8000)));
        Assert.Equal(codes, _tokenizer.Encode(new([.. clip.Samples.Select(s => s + 0.3f)], 8000)));
    }

    [Fact]
    public void SilenceAndClippingAreOrdinarySound()
    {
        Assert.Single(_tokenizer.Encode(new(new float[8000], 8000))[3..22].Distinct());
        Assert.All(_tokenizer.Encode(new([.. TestAudio.Sine(400, 8000, amplitude: 30).Samples.Select(s => Math.Clamp(s, -1, 1))], 8000)), c => Assert.InRange(c, 0, 11));
    }

    [Theory]
    [InlineData(0, 7)]
    [InlineData(0, 30)]
    [InlineData(5, 1)]
    [InlineData(5, 7)]
    public void TokensAreTheSameHoweverFewAreMadeAtOnce(int longestRun, int tokensAtOnce)
    {
        using var tokenizer = SampleSpeech.Train(steps: 20, config: SampleSpeech.Config with { LongestRun = longestRun, BlockCount = 2, CodebookSize = 100 }); // so many codes that a missing neighbour changes some
        var clip = new AudioClip([.. SampleSpeech.Melodies(60, 3).SelectMany(c => c.Samples), .. new float[3000]], 8000);
        var whole = tokenizer.Encode(clip);
        WavFile.Write(_folder.File("long.wav"), new(Resampler.Resample(clip.Samples, 8000, 11025), 11025));
        var wholeFile = tokenizer.Encode(AudioFile.Read(_folder.File("long.wav")));
        tokenizer.TokensAtOnce = tokensAtOnce;
        Assert.Equal(whole, tokenizer.Encode(clip));
        Assert.Equal(wholeFile, tokenizer.EncodeFile(_folder.File("long.wav")));
    }

    [Fact]
    public void SoundComesInBlocksThatFadeIntoEachOther()
    {
        var codes = _tokenizer.Encode(new([.. Enumerable.Repeat(TestAudio.Sine(400, 8000, seconds: 2).Samples, 2).SelectMany(s => s)], 8000));
        var whole = _tokenizer.Decode(codes).Samples;
        _tokenizer.TokensAtOnce = 30;
        var blocks = _tokenizer.DecodeBlocks(codes).ToList();
        Assert.Equal([9600, 9600, 9600, 3200], blocks.Select(b => b.Length));
        var joined = blocks.SelectMany(b => b).ToArray();
        Assert.Equal(joined, _tokenizer.Decode(codes).Samples);
        for (var start = 9000; start < 20000; start += 200) // over the first two joins
            Assert.InRange(TestAudio.Level(joined.AsSpan(start, 400)) / TestAudio.Level(whole.AsSpan(start, 400)), 0.4, 2);
    }

    [Fact]
    public void SlidingOverSoundHoldsLittleOfIt()
    {
        using var window = new SlidingSamples(Enumerable.Range(0, 1000).Select(i => (ReadOnlyMemory<float>)Enumerable.Range(100 * i, 100).Select(s => (float)s).ToArray()));
        for (var from = -50L; from < 100_000; from += 200)
        {
            var samples = window.Read(from, from + 250);
            Assert.Equal(Enumerable.Range((int)from, 250).Select(s => s is >= 0 and < 100_000 ? s : 0f), samples);
            Assert.InRange(window.Held, 0, 450);
        }
    }

    [Fact]
    public void BothStagesOfTrainingAreTold()
    {
        var told = new List<SpeechTokenizerProgress>();
        SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(40, 1), SampleSpeech.Melodies(4, 2), SampleSpeech.Config, new() { Steps = 30, MaskedPredictionSteps = 60 }, 1, new Report<SpeechTokenizerProgress>(told.Add)).Tokenizer.Dispose();
        Assert.Equal(told.Select(p => p.Fraction).Order(), told.Select(p => p.Fraction));
        Assert.Equal([1, 21, 41], told.Where(p => p.Stage == SpeechTokenizerStage.MaskedPrediction).Select(p => p.Step));
        Assert.All(told.Where(p => p.Stage == SpeechTokenizerStage.Codes), p => Assert.InRange(p.Step, 61, 90));
        Assert.Equal(1, told[^1].Fraction, 1e-9);
    }

    [Fact]
    public void SavedTokenizerIsTheSame()
    {
        _tokenizer.Save(_folder.Path);
        Assert.True(SpeechTokenizer.IsIn(_folder.Path));
        using var loaded = SpeechTokenizer.Load(_folder.Path);
        Assert.Equal(_tokenizer.Fingerprint, loaded.Fingerprint);
        var clip = SampleSpeech.Melodies(1, 3)[0];
        Assert.Equal(_tokenizer.Encode(clip), loaded.Encode(clip));
        Assert.Equal(_tokenizer.Decode([1, 2, 3]).Samples, loaded.Decode([1, 2, 3]).Samples);
    }

    [Fact]
    public void WrongFilesAndCodesAreNamed()
    {
        Assert.Contains("code 12 is outside the codebook of 12", Assert.Throws<MotException>(() => _tokenizer.Decode([0, 12])).Message);
        using var image = SampleImages.Train();
        image.Save(_folder.Path);
        Assert.False(SpeechTokenizer.IsIn(_folder.Path));
        Assert.Throws<ConfigException>(() => SpeechTokenizer.Load(_folder.Path));
    }

    [Fact]
    public void TheSameSeedGivesTheSameTokenizer()
    {
        using var again = SampleSpeech.Train(steps: 20);
        using var other = SampleSpeech.Train(steps: 20, seed: 2);
        Assert.Equal(_tokenizer.Fingerprint, again.Fingerprint);
        Assert.NotEqual(_tokenizer.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void TrainingLearnsToKeepSounds()
    {
        var (clips, heldOut) = (SampleSpeech.Melodies(60, 1), SampleSpeech.Melodies(8, 2));
        var (_, first) = SpeechTokenizerTrainer.Train(clips, heldOut, SampleSpeech.Config, new() { Steps = 1 }, 1);
        var (_, last) = SpeechTokenizerTrainer.Train(clips, heldOut, SampleSpeech.Config, new() { Steps = 200 }, 1);
        Assert.True(last.LogMelErrorDb < first.LogMelErrorDb, $"{first} {last}");
        Assert.InRange(last.LogMelErrorDb, 0, 14);
        Assert.InRange(last.CodesUsed, 6, 12);
    }

    [Fact]
    public void NothingToLearnFromIsNamed()
    {
        Assert.Contains("needs clips", Assert.Throws<MotException>(() => SpeechTokenizerTrainer.Train([new([], 8000)], SampleSpeech.Melodies(1, 1), SampleSpeech.Config, new(), 1)).Message);
        Assert.Contains("22050", Assert.Throws<ConfigException>(() => new SpeechTokenizerConfig { SampleRate = 22050 }.Validate()).Message);
        Assert.Contains("codebook_size 1", Assert.Throws<ConfigException>(() => new SpeechTokenizerConfig { CodebookSize = 1 }.Validate()).Message);
        Assert.Contains("window", Assert.Throws<ConfigException>(() => new SpeechTokenizerConfig { WindowMilliseconds = 5 }.Validate()).Message);
        Assert.Contains("steps 0", Assert.Throws<ConfigException>(() => new SpeechTokenizerOptions { Steps = 0 }.Validate()).Message);
    }
}
