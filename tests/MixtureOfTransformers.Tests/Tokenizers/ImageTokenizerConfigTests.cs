using System.Text.Json;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

public sealed class ImageTokenizerConfigTests
{
    [Fact]
    public void TokensAreCounted()
    {
        var config = new ImageTokenizerConfig { ImageWidth = 28, ImageHeight = 16, Factor = 4 }.Validate();
        Assert.Equal((7, 4, 28), (config.GridWidth, config.GridHeight, config.TokenCount));
    }

    [Fact]
    public void JsonIsSnakeCaseAndKeepsDefaults()
    {
        var config = JsonFile.Parse("""{"image_width": 64, "codebook_size": 512}""", "test", TokenizersJson.Default.ImageTokenizerConfig);
        Assert.Equal(new() { ImageWidth = 64, CodebookSize = 512 }, config);
        Assert.DoesNotContain("token_count", JsonSerializer.Serialize(config, TokenizersJson.Default.ImageTokenizerConfig));
        Assert.Throws<ConfigException>(() => JsonFile.Parse("""{"image_size": 64}""", "test", TokenizersJson.Default.ImageTokenizerConfig));
        Assert.Equal(new ImageTokenizerOptions { MaxSeconds = 20 }, JsonFile.Parse("""{"max_seconds": 20}""", "test", TokenizersJson.Default.ImageTokenizerOptions));
    }

    [Fact]
    public void ImpossibleShapesAreRefused()
    {
        Refused("30x32", new() { ImageWidth = 30 });
        Refused("factor 3", new() { Factor = 3 });
        Refused("factor 32", new() { Factor = 32 });
        Refused("image_height 0", new() { ImageHeight = 0 });
        Refused("channels 4", new() { Channels = 4 });
        Refused("width 0", new() { Width = 0 });
        Refused("block_count -1", new() { BlockCount = -1 });
        Refused("code_dim 0", new() { CodeDim = 0 });
        Refused("codebook_size 1", new() { CodebookSize = 1 });
    }

    [Fact]
    public void ImpossibleTrainingsAreRefused()
    {
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { Steps = 0 }.Validate());
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { MaxSeconds = 0 }.Validate());
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { BatchSize = 0 }.Validate());
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { LearningRate = double.NaN }.Validate());
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { CommitmentWeight = -1 }.Validate());
        Assert.Throws<ConfigException>(() => new ImageTokenizerOptions { CodebookDecay = 1 }.Validate());
    }

    private static void Refused(string problem, ImageTokenizerConfig config) => Assert.Contains(problem, Assert.Throws<ConfigException>(config.Validate).Message);
}
