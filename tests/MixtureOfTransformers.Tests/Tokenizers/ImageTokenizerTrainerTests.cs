using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImageTokenizerTrainerTests
{
    [Fact]
    public void TrainingImprovesReconstruction()
    {
        var (images, validation) = (SampleImages.Rectangles(200, 1), SampleImages.Rectangles(50, 2));
        var (start, before) = ImageTokenizerTrainer.Train(images, validation, SampleImages.Config, new() { Steps = 1 }, 1);
        var (trained, after) = ImageTokenizerTrainer.Train(images, validation, SampleImages.Config, new() { Steps = 300 }, 1);
        using (start)
        using (trained)
            Assert.True(after.PsnrDb > before.PsnrDb + 0.7, $"{before.PsnrDb} dB before, {after.PsnrDb} dB after");
        Assert.Equal(300, after.Steps);
        Assert.Equal(50, after.ImageCount);
        Assert.Equal(after.CodesUsed / 16.0, after.CodebookUse);
        Assert.InRange(after.CodesUsed, 8, 16);
        Assert.InRange(after.Perplexity, 4, 16);
    }

    [Fact]
    public void SeedDecidesTheResult()
    {
        using var one = SampleImages.Train(steps: 12, seed: 4);
        using var same = SampleImages.Train(steps: 12, seed: 4);
        using var other = SampleImages.Train(steps: 12, seed: 5);
        Assert.Equal(one.Fingerprint, same.Fingerprint);
        Assert.NotEqual(one.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void ProgressIsReportedToTheEnd()
    {
        var reports = new List<ImageTokenizerProgress>();
        using var tokenizer = ImageTokenizerTrainer.Train(SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.Config, new() { Steps = 45 }, 1, new Collector(reports)).Tokenizer;
        Assert.Equal([1, 21, 41, 45], reports.Select(r => r.Step));
        Assert.Equal(1, reports[^1].Fraction);
        Assert.All(reports, r => Assert.True(double.IsFinite(r.Loss) && r.PsnrDb > 5 && r.Perplexity is > 1 and <= 16));
    }

    [Fact]
    public void TimeLimitEndsTheTraining()
    {
        var clock = new TickingClock();
        var (tokenizer, report) = ImageTokenizerTrainer.Train(SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.Config,
            new() { Steps = 1000, MaxSeconds = 10 }, 1, timeProvider: clock);
        using (tokenizer)
            Assert.Equal(9, report.Steps); // the clock advances a second at every look, and the first look is the start
    }

    [Fact]
    public void CancellationStopsTheTraining() => Assert.Throws<OperationCanceledException>(() => ImageTokenizerTrainer.Train(
        SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.Config, new(), 1, cancellationToken: new CancellationToken(canceled: true)));

    [Fact]
    public void DivergenceIsReported() => Assert.Contains("lower learning_rate", Assert.Throws<MotException>(() => ImageTokenizerTrainer.Train(
        SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.Config, new() { Steps = 45, LearningRate = 1e30 }, 1)).Message);

    [Fact]
    public void MissingAndForeignImagesAreRefused()
    {
        Assert.Throws<MotException>(() => ImageTokenizerTrainer.Train([], SampleImages.Rectangles(1, 1), SampleImages.Config, new(), 1));
        Assert.Throws<MotException>(() => ImageTokenizerTrainer.Train(SampleImages.Rectangles(1, 1), [], SampleImages.Config, new(), 1));
        Assert.Throws<MotException>(() => ImageTokenizerTrainer.Train(SampleImages.Rectangles(1, 1, 8, 8), SampleImages.Rectangles(1, 1), SampleImages.Config, new(), 1));
    }

    [Fact]
    public void EqualImagesCanBeTrainedOn()
    {
        var image = SampleImages.Rectangles(1, 1)[0];
        var (tokenizer, report) = ImageTokenizerTrainer.Train([image, image], [image], SampleImages.Config, new() { Steps = 20 }, 1);
        using (tokenizer)
            Assert.True(report.PsnrDb > 20, $"{report.PsnrDb} dB");
    }

    [Fact]
    public void NothingButTheTokenizerIsLeftAlive()
    {
        SampleImages.Train().Dispose();
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SampleImages.Train(steps: 25).Dispose();
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private sealed class Collector(List<ImageTokenizerProgress> reports) : IProgress<ImageTokenizerProgress>
    {
        public void Report(ImageTokenizerProgress value) => reports.Add(value);
    }
}
