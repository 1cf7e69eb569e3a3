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
