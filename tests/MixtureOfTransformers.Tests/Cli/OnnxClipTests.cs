using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class OnnxClipTests : IDisposable
{
    private const int Start = 100, End = 101, Red = 60, Re = 61, ApostropheS = 62;
    private readonly TemporaryFolder _folder = new();

    public OnnxClipTests() => Write(_folder.File("clip"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheScoreIsTheMeanCosineOfImagesAndCaptions()
    {
        using var clip = OnnxClip.Open(_folder.File("clip"));
        Assert.Equal("the CLIP in clip", clip.Judge);
        double[] image = [((50 / 255.0) - 0.5) / 0.25, ((100 / 255.0) - 0.4) / 0.3, ((200 / 255.0) - 0.3) / 0.2];
        static double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));
        Assert.Equal(Cosine(image, [Red, End, 0]), clip.Score([Plain(9, 7)], ["Red"]), 1e-5);
        Assert.Equal((Cosine(image, [Red, End, 0]) + Cosine(image, [Red, Red, End])) / 2, clip.Score([Plain(4, 4), Plain(8, 4)], ["red", " red  RED "]), 1e-5);
    }

    [Fact]
    public void TextsAreCutIntoLowerCaseWordsThatEndAndFillTheLength()
    {
        var tokenizer = new ClipTokenizer(_folder.File("clip"));
        long[] Ids(string text) => [.. tokenizer.Encode(text).Ids.Take((int)tokenizer.Encode(text).Mask.Sum())];
        Assert.Equal([Start, Red, End], Ids("RED"));
        Assert.Equal([Start, Re, 'e' - 'a', 26 + 'r' - 'a', End], Ids("reer")); // re, e, r at the end
        Assert.Equal([Start, 26, ApostropheS, End], Ids("a's"));
        var (ids, mask) = tokenizer.Encode(string.Join(' ', Enumerable.Repeat("red", 200)));
        Assert.Equal((77, 77, End, Red), (ids.Length, mask.Sum(), ids[^1], ids[^2]));
        Assert.Equal((77, 2, End), (tokenizer.Encode("").Ids.Length, tokenizer.Encode("").Mask.Sum(), tokenizer.Encode("").Ids[^1]));
    }

    [Fact]
    public void WhatIsMissingOrNoClipIsNamed()
    {
        Assert.Contains("--clip: nowhere/model.onnx does not exist", Assert.Throws<MotException>(() => OnnxClip.Open("nowhere")).Message);
        File.WriteAllBytes(_folder.File("clip/model.onnx"), TinyOnnx.ChannelMeans());
        Assert.Contains("must take input_ids, attention_mask, pixel_values", Assert.Throws<MotException>(() => OnnxClip.Open(_folder.File("clip"))).Message);
        File.WriteAllText(_folder.File("clip/preprocessor_config.json"), """{ "image_mean": [0.5], "image_std": [0.5] }""");
        Assert.Contains("must give crop_size", Assert.Throws<MotException>(() => OnnxClip.Open(_folder.File("clip"))).Message);
        File.Delete(_folder.File("clip/merges.txt"));
        Assert.Contains("merges.txt does not exist", Assert.Throws<MotException>(() => OnnxClip.Open(_folder.File("clip"))).Message);
    }

    [Fact]
    public void ImagesThatTheNetworkDoesNotTakeAreAnError()
    {
        File.WriteAllBytes(_folder.File("clip/model.onnx"), TinyOnnx.Clip(size: 9));
        using var clip = OnnxClip.Open(_folder.File("clip"));
        var message = Assert.Throws<MotException>(() => clip.Score([Plain(9, 7)], ["red"])).Message;
        Assert.StartsWith($"--clip: {_folder.File("clip/model.onnx")} cannot judge images of 8x8 pixels", message);
    }

    [Theory]
    [InlineData("""{ "crop_size": { "height": 8, "width": 9 } }""", "must give crop_size, of equal height and width")]
    [InlineData("""{ "crop_size": { "height": 8 } }""", "must give crop_size, of equal height and width")]
    [InlineData("""{ "crop_size": 8, "size": { "shortest_edge": 9 } }""", "its shortest_edge must be 8")]
    [InlineData("""{ "crop_size": 8, "size": { "height": 8, "width": 8 } }""", "its shortest_edge must be 8")]
    [InlineData("""{ "crop_size": 8, "size": 8 }""", null)]
    [InlineData("""{ "crop_size": { "height": 8, "width": 8 } }""", null)]
    public void OtherWaysToScaleImagesAreRefused(string sizes, string? problem)
    {
        var path = _folder.File("clip/preprocessor_config.json");
        File.WriteAllText(path, sizes.TrimEnd('}') + """, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.25, 0.3, 0.2] }""");
        if (problem is null)
            OnnxClip.Open(_folder.File("clip")).Dispose();
        else
            Assert.Contains(problem, Assert.Throws<MotException>(() => OnnxClip.Open(_folder.File("clip"))).Message);
    }

    /// <summary>A folder as Hugging Face's exports have it.</summary>
    internal static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), TinyOnnx.Clip());
        var vocabulary = Enumerable.Range(0, 26).SelectMany(i => new[] { ($"{(char)('a' + i)}", i), ($"{(char)('a' + i)}</w>", 26 + i) })
            .Concat([("red</w>", Red), ("re", Re), ("'s</w>", ApostropheS), ("'", 63), ("<|startoftext|>", Start), ("<|endoftext|>", End)]).ToDictionary(t => t.Item1, t => t.Item2);
        File.WriteAllText(Path.Combine(folder, "vocab.json"), JsonSerializer.Serialize(vocabulary));
        File.WriteAllText(Path.Combine(folder, "merges.txt"), "#version: 0.2\nr e\nre d</w>\n' s</w>\n");
        File.WriteAllText(Path.Combine(folder, "preprocessor_config.json"), """{ "do_resize": true, "size": { "shortest_edge": 8 }, "crop_size": { "height": 8, "width": 8 }, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.25, 0.3, 0.2] }""");
    }

    private static PixelImage Plain(int width, int height) => new(width, height, 3, [.. Enumerable.Range(0, width * height).SelectMany(_ => new byte[] { 50, 100, 200 })]);
}
