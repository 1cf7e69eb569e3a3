using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Evaluation.Speech;
using MixtureOfTransformers.Tests.Data.Audio;
using TorchSharp;

namespace MixtureOfTransformers.Tests.Evaluation.Speech;

public sealed class WordRecognizerTests
{
    [Fact]
    public void WordsThatSoundDifferentAreToldApartWhateverTheirLengthAndPlace()
    {
        var random = new Random(1);
        AudioClip Rising() => TestAudio.Chirp(300 + random.Next(200), 2000 + random.Next(500), 8000, 0.2 + (0.3 * random.NextDouble()));
        AudioClip Falling() => TestAudio.Chirp(2000 + random.Next(500), 300 + random.Next(200), 8000, 0.2 + (0.3 * random.NextDouble()));
        SpokenExample[] examples = [.. Enumerable.Range(0, 40).SelectMany(_ => (SpokenExample[])[new("up", Rising()), new("down", Falling())])];
        using var recognizer = WordRecognizer.Train(["down", "up"], examples, seed: 1, steps: 60);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("up", recognizer.Recognize(Rising())));
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal("down", recognizer.Recognize(Falling())));
        Assert.Equal("down", recognizer.Recognize(new AudioClip([.. new float[8000], .. Falling().Samples, .. new float[8000]], 8000)));
        Assert.Contains(recognizer.Recognize(new AudioClip([], 8000)), recognizer.Words);
    }

    [Fact]
    public void NoTensorIsLeftBehind()
    {
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        using (var recognizer = WordRecognizer.Train(["a", "b"], [new("a", TestAudio.Sine(300, 8000)), new("b", TestAudio.Sine(900, 8000))], seed: 1, steps: 2))
            recognizer.Recognize(TestAudio.Sine(300, 8000));
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }
}
