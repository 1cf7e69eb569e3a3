using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class TokenizerCommandTests : IDisposable
{
    private const string Recipe = """
        {
          "name": "tiny",
          "data": { "sources": [{ "type": "scenes", "count": 60, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
          "image_tokenizer": { "width": 8, "code_dim": 4, "codebook_size": 16, "training": { "steps": 5 } },
          "image_vae": { "width": 8, "latent_dim": 4, "training": { "steps": 5 } },
          "image_patches": {}
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TextComesBackFromItsIds()
    {
        var text = string.Join(' ', Enumerable.Repeat("the cat sat on the mat, naïvely", 20));
        var file = Write("poem.txt", text);
        Success("tokenizer", "train-text", file, "--vocabulary-size", "300", "--out", _folder.File("text"));
        var ids = Success("tokenizer", "encode", _folder.File("text"), file).Output;
        Assert.InRange(ids.Split(' ').Length, 1, text.Length / 2);
        Assert.Equal(text, Success("tokenizer", "decode", _folder.File("text"), Write("ids", ids)).Output.TrimEnd('\n'));
    }

    [Fact]
    public void ImagesComeBackFromTheirCodesAsPng()
    {
        var report = Success("tokenizer", "train-image", Write("tiny.json", Recipe), "--out", _folder.File("image"), "--json").Output;
        Assert.True(JsonDocument.Parse(report).RootElement.GetProperty("psnr_db").GetDouble() > 0);

        ImageCodec.WritePng(_folder.File("in.png"), new PixelImage(8, 8, 3, [.. Enumerable.Range(0, 192).Select(i => (byte)i)]));
        var codes = Success("tokenizer", "encode", _folder.File("image"), _folder.File("in.png")).Output;
        Assert.Equal(4, codes.Split(' ').Length);
        Success("tokenizer", "decode", _folder.File("image"), Write("codes", codes), "--out", _folder.File("out.png"));
        var image = ImageCodec.Decode(File.ReadAllBytes(_folder.File("out.png")), Rgb.White);
        Assert.Equal((8, 8), (image.Width, image.Height));
    }

    [Fact]
    public void AVaeIsTrainedMeasuredAndShown()
    {
        var report = JsonDocument.Parse(Success("tokenizer", "train-vae", Write("tiny.json", Recipe), "--out", _folder.File("vae"), "--json").Output).RootElement;
        Assert.True(report.GetProperty("psnr_db").GetDouble() > 0 && report.GetProperty("ssim").GetDouble() < 1 && report.GetProperty("latent_scale").GetProperty("scale").GetDouble() > 0);
        var shown = ImageCodec.Decode(File.ReadAllBytes(_folder.File("vae/reconstructions.png")), Rgb.White);
        Assert.Equal((2 * ((3 * 8) + 2)) + 2, shown.Height); // originals, and below them what comes back
        using var vae = ImageVae.Load(_folder.File("vae"));
        Assert.Equal(4, vae.Config.LatentDim);
    }

    [Fact]
    public void ImagesComeBackFromTheirLatents()
    {
        Success("tokenizer", "train-vae", Write("tiny.json", Recipe), "--out", _folder.File("vae"));
        var image = new PixelImage(8, 8, 3, [.. Enumerable.Range(0, 192).Select(i => (byte)i)]);
        ImageCodec.WritePng(_folder.File("in.png"), image);
        Success("tokenizer", "encode", _folder.File("vae"), _folder.File("in.png"), "--out", _folder.File("latents.safetensors"));
        Success("tokenizer", "decode", _folder.File("vae"), _folder.File("latents.safetensors"), "--out", _folder.File("out.png"));
        using var vae = ImageVae.Load(_folder.File("vae"));
        Assert.Equal(vae.Decode(vae.Encode([image]))[0].Samples, ImageCodec.Decode(File.ReadAllBytes(_folder.File("out.png")), Rgb.White).Samples);
        using (var file = Safetensors.Load(_folder.File("latents.safetensors")))
            Assert.Equal([2, 2, 4], file.Entries.Single(e => e.Name == "latents").Shape);
        Assert.Contains("--out latents.safetensors", CliRun.Of("tokenizer", "encode", _folder.File("vae"), _folder.File("in.png")).Error);
        Assert.Contains("--out image.png", CliRun.Of("tokenizer", "decode", _folder.File("vae"), _folder.File("latents.safetensors")).Error);
        Assert.Contains("zero.png: not a PNG", CliRun.Of("tokenizer", "encode", _folder.File("vae"), Write("zero.png", ""), "--out", _folder.File("x.safetensors")).Error);
        Assert.Contains("none.png does not exist", CliRun.Of("tokenizer", "encode", _folder.File("vae"), _folder.File("none.png"), "--out", _folder.File("x.safetensors")).Error);
        Assert.Contains("missing: latents", CliRun.Of("tokenizer", "decode", _folder.File("vae"), _folder.File("vae/model.safetensors"), "--out", _folder.File("x.png")).Error);
    }

    [Fact]
    public void ATokenizersOwnFilesAreNotOverwritten()
    {
        Success("tokenizer", "train-vae", Write("tiny.json", Recipe), "--out", _folder.File("vae"));
        ImageCodec.WritePng(_folder.File("in.png"), new PixelImage(8, 8, 3, new byte[192]));
        Success("tokenizer", "encode", _folder.File("vae"), _folder.File("in.png"), "--out", _folder.File("vae.safetensors"));
        var weights = File.ReadAllBytes(_folder.File("vae/model.safetensors"));
        foreach (var run in new[]
        {
            CliRun.Of("tokenizer", "encode", _folder.File("vae"), _folder.File("in.png"), "--out", _folder.File("vae/model.safetensors")),
            CliRun.Of("tokenizer", "encode", _folder.File("vae") + "/", _folder.File("in.png"), "--out", _folder.File("x/../vae/model.safetensors")),
            CliRun.Of("tokenizer", "decode", _folder.File("vae"), _folder.File("vae.safetensors"), "--out", _folder.File("vae/config.json")),
        })
        {
            Assert.Equal(ExitCode.Usage, run.ExitCode);
            Assert.Contains("choose a place outside it", run.Error);
        }
        Assert.Equal(weights, File.ReadAllBytes(_folder.File("vae/model.safetensors")));
    }

    [Fact]
    public void WhatIsNoIdIsNamed()
    {
        Success("tokenizer", "train-text", Write("poem.txt", "a b c"), "--vocabulary-size", "300", "--out", _folder.File("text"));
        var run = CliRun.Of("tokenizer", "decode", _folder.File("text"), Write("ids", "12 cat"));
        Assert.Equal(ExitCode.Failure, run.ExitCode);
        Assert.Contains("'cat' is not a token id", run.Error);
    }

    private string Write(string name, string text)
    {
        AtomicFile.WriteText(_folder.File(name), text);
        return _folder.File(name);
    }

    private static CliRun Success(params string[] args)
    {
        var run = CliRun.Of(args);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return run;
    }
}
