using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImageVaeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TrainingImprovesReconstruction()
    {
        var (images, validation) = (SampleImages.Rectangles(200, 1), SampleImages.Rectangles(50, 2));
        var (start, before) = ImageVaeTrainer.Train(images, validation, SampleImages.VaeConfig, new() { Steps = 1 }, 1);
        var (trained, after) = ImageVaeTrainer.Train(images, validation, SampleImages.VaeConfig, new() { Steps = 300 }, 1);
        using (start)
        using (trained)
            Assert.True(after.PsnrDb > before.PsnrDb + 0.7 && after.Ssim > before.Ssim, $"{before} before, {after} after");
        Assert.Equal((300, 50, 4 * 2 * 4), (after.Steps, after.ImageCount, after.NumbersPerImage));
    }

    [Fact]
    public void LatentsOfTheTrainingImagesHaveMeanZeroAndVarianceOne()
    {
        using var vae = SampleImages.TrainVae(steps: 50);
        var numbers = vae.Encode(SampleImages.Rectangles(64, 1)).SelectMany(l => l).ToArray();
        Assert.Equal(0, numbers.Average(), 1e-3);
        Assert.Equal(1, numbers.Average(n => n * n), 1e-3);
        Assert.Equal(vae.Config.LatentScale.Limit, numbers.Max(Math.Abs), 1e-3);
    }

    /// <summary>A weight that outdoes reconstruction leaves nothing of the images in the posterior.</summary>
    [Fact]
    public void TheDivergenceCostsReconstruction()
    {
        var (images, validation) = (SampleImages.Rectangles(64, 1), SampleImages.Rectangles(20, 2));
        var (light, lightReport) = ImageVaeTrainer.Train(images, validation, SampleImages.VaeConfig, new() { Steps = 200 }, 1);
        var (heavy, heavyReport) = ImageVaeTrainer.Train(images, validation, SampleImages.VaeConfig, new() { Steps = 200, KlWeight = 10 }, 1);
        using (light)
        using (heavy)
            Assert.True(heavyReport.PsnrDb < lightReport.PsnrDb - 3, $"{lightReport.PsnrDb} dB, {heavyReport.PsnrDb} dB with a heavy divergence");
    }

    [Fact]
    public void SeedDecidesTheResult()
    {
        using var one = SampleImages.TrainVae(steps: 12, seed: 4);
        using var same = SampleImages.TrainVae(steps: 12, seed: 4);
        using var other = SampleImages.TrainVae(steps: 12, seed: 5);
        Assert.Equal(one.Fingerprint, same.Fingerprint);
        Assert.NotEqual(one.Fingerprint, other.Fingerprint);
    }

    [Fact]
    public void ItComesBackFromItsFolder()
    {
        using var vae = SampleImages.TrainVae();
        vae.Save(_folder.File("vae"));
        using var loaded = ImageVae.Load(_folder.File("vae"));
        Assert.Equal((vae.Fingerprint, vae.Config), (loaded.Fingerprint, loaded.Config));
        var image = SampleImages.Rectangles(1, 9);
        Assert.Equal(vae.Encode(image)[0], loaded.Encode(image)[0]);
    }

    [Fact]
    public void ItsScaleChangesLatentsAndNotImages()
    {
        using var vae = SampleImages.TrainVae();
        vae.Save(_folder.File("vae"));
        var scale = vae.Config.LatentScale;
        JsonFile.Write(_folder.File("vae/config.json"), vae.Config with { LatentScale = new(scale.Shift + 2, scale.Scale / 4, scale.Limit) }, TokenizersJson.Default.ImageVaeConfig);
        using var other = ImageVae.Load(_folder.File("vae"));
        var images = SampleImages.Rectangles(3, 9);
        var (latents, moved) = (vae.Encode(images), other.Encode(images));
        Assert.All(latents[0].Zip(moved[0]), pair => Assert.Equal((pair.First - (2 * scale.Scale)) / 4, pair.Second, 1e-4));
        Assert.Equal(vae.Decode(latents).Select(i => i.Samples), other.Decode(moved).Select(i => i.Samples), (a, b) => a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) <= 1));
    }

    /// <summary>An odd number of latents each way: sizes are kept, latents stand where their pixels are, and convolutions see to the last row and column.</summary>
    [Fact]
    public void OddGridsKeepTheirShapeAndTheirPlaces()
    {
        var config = SampleImages.VaeConfig with { ImageWidth = 20, ImageHeight = 12 };
        using var vae = ImageVaeTrainer.Train(SampleImages.Rectangles(64, 1, 20, 12), SampleImages.Rectangles(8, 2, 20, 12), config, new() { Steps = 20 }, 1).Vae;
        var image = SampleImages.Rectangles(1, 9, 20, 12)[0];
        var latents = vae.Encode([image])[0];
        Assert.Equal(3 * 5 * 4, latents.Length);
        var decoded = vae.Decode([latents])[0];
        Assert.Equal((20, 12), (decoded.Width, decoded.Height));
        for (var place = 0; place < 15; place++)
        {
            var samples = (byte[])image.Samples.Clone();
            for (var row = 0; row < 4; row++)
                samples.AsSpan((((place / 5 * 4) + row) * 20 + (place % 5 * 4)) * 3, 12).Fill((byte)(samples[0] < 128 ? 255 : 0));
            var changes = vae.Encode([new PixelImage(20, 12, 3, samples)])[0].Zip(latents, (a, b) => Math.Abs(a - b)).Chunk(4).Select(c => c.Max()).ToArray();
            Assert.Equal(place, changes.Index().MaxBy(c => c.Item).Index);
            Assert.All(changes.Index().Where(c => Math.Abs((c.Index / 5) - (place / 5)) > 3 || Math.Abs((c.Index % 5) - (place % 5)) > 3), c => Assert.Equal(0, c.Item));
            Assert.All(changes.Index().Where(c => Math.Abs((c.Index / 5) - (place / 5)) <= 1 && Math.Abs((c.Index % 5) - (place % 5)) <= 1), c => Assert.True(c.Item > 0));
        }
        Assert.Contains("do not divide by factor 4", Assert.Throws<ConfigException>(() => (config with { ImageWidth = 22 }).Validate()).Message);
    }

    [Fact]
    public void PatchesOfLatentsComeBackFromTheirFolder()
    {
        using var patches = new LatentPatcher(SampleImages.TrainVae(), 2);
        using var whole = new LatentPatcher(SampleImages.TrainVae(), 1);
        Assert.NotEqual(patches.Fingerprint, whole.Fingerprint);
        Assert.Equal((2, 16, 2), (patches.Grid.PatchCount, patches.Grid.PatchDim, patches.Grid.Columns));
        var images = SampleImages.Rectangles(3, 9);
        var latents = patches.Vae.Encode(images)[1];
        Assert.Equal([.. latents[..8], .. latents[16..24]], patches.Encode(images)[1].Numbers[..16]); // two latents of the first row, two of the second
        Assert.Equal(patches.Vae.Decode([latents])[0].Samples, patches.Decode(patches.Encode(images))[1].Samples);
        patches.Save(_folder.File("patches"));
        using var loaded = LatentPatcher.Load(_folder.File("patches"));
        Assert.Equal(patches.Fingerprint, loaded.Fingerprint);
        Assert.Contains("size 3 must be positive and divide the 4x2 latents", Assert.Throws<ConfigException>(() => new LatentPatcher(whole.Vae, 3)).Message);
    }

    [Fact]
    public void WhatCannotBeIsRefused()
    {
        Assert.Contains("lower learning_rate", Assert.Throws<MotException>(() => ImageVaeTrainer.Train(
            SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.VaeConfig, new() { Steps = 45, LearningRate = 1e30 }, 1)).Message);
        Assert.Throws<OperationCanceledException>(() => ImageVaeTrainer.Train(
            SampleImages.Rectangles(20, 1), SampleImages.Rectangles(2, 2), SampleImages.VaeConfig, new(), 1, cancellationToken: new CancellationToken(canceled: true)));
        Assert.Throws<MotException>(() => ImageVaeTrainer.Train([], SampleImages.Rectangles(1, 1), SampleImages.VaeConfig, new(), 1));
        Assert.Contains("resize it first", Assert.Throws<MotException>(() => ImageVaeTrainer.Train(SampleImages.Rectangles(1, 1, 8, 8), SampleImages.Rectangles(1, 1), SampleImages.VaeConfig, new(), 1)).Message);
        Assert.Contains("kl_weight -1", Assert.Throws<ConfigException>(() => new ImageVaeOptions { KlWeight = -1 }.Validate()).Message);
        Assert.Contains("factor 3", Assert.Throws<ConfigException>(() => new ImageVaeConfig { Factor = 3 }.Validate()).Message);
        Assert.Contains("latent_dim 0", Assert.Throws<ConfigException>(() => new ImageVaeConfig { LatentDim = 0 }.Validate()).Message);
        using var vae = SampleImages.TrainVae();
        Assert.Contains("this VAE needs 32", Assert.Throws<MotException>(() => vae.Decode([new float[31]])).Message);
    }

    [Fact]
    public void EqualImagesCanBeTrainedOn()
    {
        var image = SampleImages.Rectangles(1, 1)[0];
        var (vae, report) = ImageVaeTrainer.Train([image, image], [image], SampleImages.VaeConfig, new() { Steps = 40 }, 1);
        using (vae)
            Assert.True(report.PsnrDb > 20, $"{report.PsnrDb} dB");
    }

    [Fact]
    public void NothingButTheVaeIsLeftAlive()
    {
        SampleImages.TrainVae().Dispose();
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        SampleImages.TrainVae(steps: 25).Dispose();
        Assert.Equal(before, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
