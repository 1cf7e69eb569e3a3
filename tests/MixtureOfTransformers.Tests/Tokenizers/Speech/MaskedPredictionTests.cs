using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers.Speech;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class MaskedPredictionTests
{
    [Fact]
    public void WhatIsMaskedIsForetoldFromWhatIsAroundIt()
    {
        var config = SampleSpeech.Config with { CodebookSize = 4, CodeDim = 4 };
        using var network = new SpeechAutoencoder(config);
        var options = new SpeechTokenizerOptions { BatchSize = 8, MaskedPredictionSteps = 250, LearningRate = 0.01 };
        using var scope = NewDisposeScope();
        Tensor Draw(int count, Generator generator) // stretches of one level each, so that neighbours tell everything
        {
            var level = randint(0, 4, [count, 1, 1], generator: generator).to(ScalarType.Float32) - 1.5;
            return level + (randn(count, 32, config.PatchDim, generator: generator) * 0.05);
        }
        var losses = new MaskedPrediction(network, config, Draw, 32, options).Run(1, TimeProvider.System, CancellationToken.None);
        Assert.InRange(losses[0], 1.2, 1.6); // about log 4
        Assert.True(losses[^20..].Average() < 0.7, $"{losses[^20..].Average()}");
    }

    [Fact]
    public void ATokenizerWithAFrozenEncoderStillDecodes()
    {
        var (tokenizer, report) = SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(40, 1), SampleSpeech.Melodies(4, 2), SampleSpeech.Config, new() { Steps = 60, MaskedPredictionSteps = 30 }, 1);
        using (tokenizer)
            Assert.InRange(report.LogMelErrorDb, 0, 15);
        Assert.True(report.CodesUsed > 5, $"{report.CodesUsed}");
        Assert.Contains("masked_prediction_steps -1", Assert.Throws<ConfigException>(() => new SpeechTokenizerOptions { MaskedPredictionSteps = -1 }.Validate()).Message);
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        SpeechTokenizerTrainer.Train(SampleSpeech.Melodies(4, 1), SampleSpeech.Melodies(2, 2), SampleSpeech.Config, new() { Steps = 2, MaskedPredictionSteps = 3 }, 1).Tokenizer.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
