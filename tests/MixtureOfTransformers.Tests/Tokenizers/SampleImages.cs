using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Tokenizers;

/// <summary>Small images of one rectangle on a plain ground, and an image tokenizer that is quickly trained on them.</summary>
internal static class SampleImages
{
    public static ImageTokenizerConfig Config { get; } = new() { ImageWidth = 16, ImageHeight = 8, Channels = 3, Factor = 4, Width = 8, BlockCount = 1, CodeDim = 8, CodebookSize = 16 };

    public static List<PixelImage> Rectangles(int count, int seed, int width = 16, int height = 8, int channels = 3)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var samples = new byte[width * height * channels];
            var (left, top) = (random.Next(width - 4), random.Next(height - 4));
            var (ground, colour) = (random.Next(256), random.Next(256));
            for (var i = 0; i < samples.Length; i++)
            {
                var (x, y, c) = (i / channels % width, i / channels / width, i % channels);
                var isInside = x >= left && x < left + 5 && y >= top && y < top + 4;
                samples[i] = (byte)((isInside ? colour : ground) + (40 * c));
            }
            return new PixelImage(width, height, channels, samples);
        })];
    }

    public static ImageTokenizer Train(int steps = 2, long seed = 1, ImageTokenizerConfig? config = null) =>
        ImageTokenizerTrainer.Train(Rectangles(64, 1), Rectangles(8, 2), config ?? Config, new() { Steps = steps }, seed).Tokenizer;

    public static ImageVaeConfig VaeConfig { get; } = new() { ImageWidth = 16, ImageHeight = 8, Channels = 3, Factor = 4, Width = 8, BlockCount = 1, LatentDim = 4 };

    public static ImageVae TrainVae(int steps = 2, long seed = 1, ImageVaeConfig? config = null) =>
        ImageVaeTrainer.Train(Rectangles(64, 1), Rectangles(8, 2), config ?? VaeConfig, new() { Steps = steps }, seed).Vae;
}
