using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImageTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(16, 8, 3, 4)]
    [InlineData(8, 8, 1, 2)]
    [InlineData(16, 32, 3, 8)]
    [InlineData(28, 28, 1, 4)]
    [InlineData(32, 16, 3, 16)]
    public void CodesAndImagesHaveTheConfiguredShape(int width, int height, int channels, int factor)
    {
        var config = SampleImages.Config with { ImageWidth = width, ImageHeight = height, Channels = channels, Factor = factor };
        var images = SampleImages.Rectangles(5, 1, width, height, channels);
        using var tokenizer = ImageTokenizerTrainer.Train(images, images, config, new() { Steps = 1 }, 1).Tokenizer;
        var codes = tokenizer.Encode(images[0]);
        Assert.Equal(width / factor * (height / factor), codes.Length);
        Assert.All(codes, code => Assert.InRange(code, 0, config.CodebookSize - 1));
        var image = tokenizer.Decode(codes);
        Assert.Equal((width, height, channels), (image.Width, image.Height, image.Channels));
    }

    [Fact]
    public void BatchesGiveWhatSingleImagesGive()
    {
        using var tokenizer = SampleImages.Train();
        var images = SampleImages.Rectangles(70, 3);
        var codes = tokenizer.Encode(images);
        Assert.Equal(images.Select(tokenizer.Encode), codes);
        var decoded = tokenizer.Decode(codes);
        Assert.Equal(70, decoded.Count);
        foreach (var (single, batched) in codes.Select(c => tokenizer.Decode(c.AsSpan())).Zip(decoded))
            Assert.All(single.Samples.Zip(batched.Samples), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Empty(tokenizer.Encode([]));
        Assert.Empty(tokenizer.Decode(new List<int[]>()));
    }

    [Fact]
    public void CodesRunRowByRow()
    {
        using var tokenizer = SampleImages.Train(steps: 30);
        var dark = new byte[16 * 8 * 3];
        var lightBelow = new byte[16 * 8 * 3];
        lightBelow.AsSpan(16 * 4 * 3).Fill(255);
        var codes = tokenizer.Encode([new(16, 8, 3, dark), new(16, 8, 3, lightBelow)]);
        Assert.Equal(8, codes[0].Length);
        Assert.NotEqual(codes[0][4..], codes[1][4..]);
        var image = tokenizer.Decode(codes[1]);
        Assert.True(image.Samples[..(16 * 3)].Average(s => s) + 60 < image.Samples[^(16 * 3)..].Average(s => s));
    }

    [Fact]
    public void SavedTokenizerIsTheSame()
    {
        using var tokenizer = SampleImages.Train();
        tokenizer.Save(_folder.Path);
        using var loaded = ImageTokenizer.Load(_folder.Path);
        Assert.Equal(tokenizer.Fingerprint, loaded.Fingerprint);
        Assert.Equal(tokenizer.Config, loaded.Config);
        var images = SampleImages.Rectangles(4, 9);
        Assert.Equal(tokenizer.Encode(images), loaded.Encode(images));
        Assert.Equal(tokenizer.Decode(tokenizer.Encode(images[0])).Samples, loaded.Decode(loaded.Encode(images[0])).Samples);
    }

    [Fact]
    public void TokenizerOutlivesTheScopeItWasMadeIn()
    {
        ImageTokenizer tokenizer, loaded;
        using (NewDisposeScope())
        {
            tokenizer = SampleImages.Train();
            tokenizer.Save(_folder.Path);
            loaded = ImageTokenizer.Load(_folder.Path);
        }
        using (tokenizer)
        using (loaded)
            Assert.Equal(tokenizer.Encode(SampleImages.Rectangles(1, 9)), loaded.Encode(SampleImages.Rectangles(1, 9)));
    }

    [Fact]
    public void EncodingAndDecodingLeaveNoTensorBehind()
    {
        using var tokenizer = SampleImages.Train();
        var images = SampleImages.Rectangles(3, 1);
        using var scope = NewDisposeScope();
        tokenizer.Decode(tokenizer.Encode(images));
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void ForeignImagesAndCodesAreRefused()
    {
        using var tokenizer = SampleImages.Train();
        Assert.Contains("resize it first", Assert.Throws<MotException>(() => tokenizer.Encode(SampleImages.Rectangles(1, 1, 8, 16))).Message);
        Assert.Contains("needs 8", Assert.Throws<MotException>(() => tokenizer.Decode([1, 2, 3])).Message);
        Assert.Contains("code 16", Assert.Throws<MotException>(() => tokenizer.Decode([0, 0, 0, 0, 0, 0, 0, 16])).Message);
        Assert.Contains("code -1", Assert.Throws<MotException>(() => tokenizer.Decode([0, 0, 0, 0, 0, 0, 0, -1])).Message);
    }

    [Fact]
    public void DamagedAndForeignFoldersAreRefused()
    {
        Assert.Contains("config.json", Assert.Throws<ConfigException>(() => ImageTokenizer.Load(_folder.Path)).Message);
        using var tokenizer = SampleImages.Train();
        tokenizer.Save(_folder.Path);
        var weights = _folder.File("model.safetensors");
        var whole = File.ReadAllBytes(weights);

        File.WriteAllText(_folder.File("config.json"), """{"image_width": 16, "image_height": 8, "width": 12, "block_count": 1, "code_dim": 8, "codebook_size": 16}""");
        var message = Assert.Throws<MotException>(() => ImageTokenizer.Load(_folder.Path)).Message;
        Assert.Contains("encoder.input.weight is F32 [8, 48, 3, 3], expected F32 [12, 48, 3, 3]", message);
        File.WriteAllText(_folder.File("config.json"), """{"image_width": 16, "image_height": 8, "width": 8, "block_count": 2, "code_dim": 8, "codebook_size": 16}""");
        Assert.Contains("missing: decoder.blocks.1.mix.bias", Assert.Throws<MotException>(() => ImageTokenizer.Load(_folder.Path)).Message);

        tokenizer.Save(_folder.Path);
        File.WriteAllBytes(weights, whole[..^8]);
        Assert.Throws<CorruptFileException>(() => ImageTokenizer.Load(_folder.Path));
        using var tensor = ones(1);
        Safetensors.Save(weights, new Dictionary<string, Tensor> { ["x"] = tensor });
        Assert.Contains("is no image tokenizer", Assert.Throws<MotException>(() => ImageTokenizer.Load(_folder.Path)).Message);
    }
}
