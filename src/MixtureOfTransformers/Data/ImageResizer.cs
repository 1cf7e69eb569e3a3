using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Scales images with a triangle filter that widens when shrinking (bilinear with antialiasing), in plain arithmetic: the same bytes on every machine.</summary>
public static class ImageResizer
{
    /// <summary>Scales <paramref name="image"/> to cover <paramref name="width"/> x <paramref name="height"/> pixels, keeping its aspect, and cuts off what sticks out evenly on both sides.</summary>
    /// <exception cref="MotException">What is left is too large for the memory of one array.</exception>
    public static PixelImage Cover(PixelImage image, int width, int height)
    {
        if (image.Width == width && image.Height == height)
            return image;
        var scale = Math.Min((double)image.Width / width, (double)image.Height / height);
        var columns = Taps.Create(image.Width, width, scale);
        var rows = Taps.Create(image.Height, height, scale);
        var channels = image.Channels;

        var (top, bottom) = (rows[0].First, rows[^1].First + rows[^1].Weights.Length); // what is cut off above and below is never computed
        if (Math.Max((long)(bottom - top), height) * width * channels > Array.MaxLength)
            throw new MotException($"an image of {image.Width}x{image.Height} pixels with {channels} channels is too large to scale to {width}x{height}; choose a smaller size");
        var narrowed = new float[(bottom - top) * width * channels];
        for (var y = 0; y < bottom - top; y++)
            for (var x = 0; x < width; x++)
                for (var tap = 0; tap < columns[x].Weights.Length; tap++)
                    for (var c = 0; c < channels; c++)
                        narrowed[(y * width + x) * channels + c] += columns[x].Weights[tap] * image.Samples[((top + y) * image.Width + columns[x].First + tap) * channels + c];

        var stride = width * channels;
        var samples = new byte[height * stride];
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < stride; i++)
            {
                var sum = 0f;
                for (var tap = 0; tap < rows[y].Weights.Length; tap++)
                    sum += rows[y].Weights[tap] * narrowed[(rows[y].First - top + tap) * stride + i];
                samples[y * stride + i] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }
        return new(width, height, channels, samples);
    }

    /// <summary>The image in grey (Rec. 601 luma) or RGB; the same object when it already is.</summary>
    /// <param name="image">1 or 3 channels.</param>
    /// <param name="channels">1 or 3.</param>
    /// <exception cref="MotException">Another number of channels.</exception>
    public static PixelImage WithChannels(PixelImage image, int channels)
    {
        if (image.Channels == channels)
            return image;
        var (from, pixels) = (image.Samples, image.Width * image.Height);
        var to = new byte[pixels * channels];
        switch (image.Channels, channels)
        {
            case (1, 3):
                for (var i = 0; i < to.Length; i++)
                    to[i] = from[i / 3];
                break;
            case (3, 1):
                for (var i = 0; i < pixels; i++)
                    to[i] = (byte)((299 * from[3 * i] + 587 * from[3 * i + 1] + 114 * from[3 * i + 2] + 500) / 1000);
                break;
            default:
                throw new MotException($"cannot turn an image of {image.Channels} channels into {channels}; only 1 (grey) and 3 (RGB) are known");
        }
        return new(image.Width, image.Height, channels, to);
    }

    private readonly record struct Taps(int First, float[] Weights)
    {
        public static Taps[] Create(int from, int to, double scale)
        {
            var taps = new Taps[to];
            var support = Math.Max(1, scale);
            var start = (from - to * scale) / 2;
            for (var i = 0; i < to; i++)
            {
                var centre = start + (i + 0.5) * scale;
                var first = Math.Clamp((int)Math.Floor(centre - support), 0, from - 1);
                var last = Math.Clamp((int)Math.Ceiling(centre + support), first, from - 1);
                var weights = new double[last - first + 1];
                for (var j = 0; j < weights.Length; j++)
                    weights[j] = Math.Max(0, 1 - Math.Abs(first + j + 0.5 - centre) / support);
                var sum = weights.Sum();
                taps[i] = new(first, [.. weights.Select(w => (float)(w / sum))]);
            }
            return taps;
        }
    }
}
