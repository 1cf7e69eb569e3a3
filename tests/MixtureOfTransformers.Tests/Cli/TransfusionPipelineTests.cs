using System.Text.Json;
using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>The Transfusion setting as a user types it, on data and models small enough for a test.</summary>
public sealed class TransfusionPipelineTests : IDisposable
{
    private const string Patches = "\"image_patches\": { \"size\": 4 }";
    private const string Recipe = """
        {
          "name": "tiny",
          "data": { "sources": [{ "type": "scenes", "count": 150, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
          "text_tokenizer": { "vocabulary_size": 300 },
          "image_patches": { "size": 4 },
          "model": { "dim": 64, "layer_count": 1, "head_count": 2, "feed_forward_dim": 32, "norm_placement": "pre", "qk_norm": "none", "diffusion": { "noise": "NOISE" } },
          "training": { "sequence_length": 192, "batch_rows": 2, "steps": 12, "warmup_steps": 1, "validation_batches": 1, "checkpoint_every": 3 }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ddpm", "ddim")]
    [InlineData("flow", "heun")]
    [InlineData("flow_from_noise", "euler")]
    public void TrainDrawDescribeAndInterleave(string noise, string method)
    {
        Write(noise);
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("run"));
        var losses = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--json")).RootElement.GetProperty("modality_loss");
        Assert.All(["text", "image"], name => Assert.True(losses.GetProperty(name).GetDouble() > 0));

        if (noise == "flow")
        {
            File.WriteAllBytes(_folder.File("means.onnx"), TinyOnnx.ChannelMeans());
            OnnxClipTests.Write(_folder.File("clip"));
            var images = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--images", "--features", _folder.File("means.onnx"), "--clip", _folder.File("clip"), "--json")).RootElement.GetProperty("images");
            Assert.Equal("the CLIP in clip", images.GetProperty("judge").GetString());
            Assert.Equal("features of means.onnx", images.GetProperty("features").GetString());
            Assert.True(images.GetProperty("models")[0].GetProperty("scores").GetProperty("frechet_distance").GetDouble() > images.GetProperty("training").GetProperty("frechet_distance").GetDouble());
        }

        Run("generate", _folder.File("run"), "--prompt", "a red circle", "--count", "2", "--steps", "3", "--method", method, "--renormalize", "0", "--out", _folder.File("image.png"));
        var image = ImageCodec.Decode(File.ReadAllBytes(_folder.File("image-2.png")), Rgb.White);
        Assert.Equal((8, 8), (image.Width, image.Height));
        Assert.NotEqual(image.Samples, ImageCodec.Decode(File.ReadAllBytes(_folder.File("image-1.png")), Rgb.White).Samples);
        Assert.NotEqual("", Run("generate", _folder.File("run"), "--image", _folder.File("image-1.png")).Trim());
        Run("generate", _folder.File("run"), "--interleave", "--prompt", "a", "--steps", "2", "--out", _folder.File("parts.png"));
        Assert.Contains("use ddpm or ddim for ddpm, euler or heun for flow", CliRun.Of("generate", _folder.File("run"), "--prompt", "a", "--method", noise == "ddpm" ? "heun" : "ddim", "--out", _folder.File("x.png")).Error);
    }

    [Theory]
    [InlineData("ddpm", "ddpm")]
    [InlineData("flow", "euler")]
    public void LatentsOfAVaeAreDenoisedAndDecodedAlsoByAUnet(string noise, string method)
    {
        Write(noise, """
            "image_patches": {},
              "image_vae": { "factor": 2, "latent_dim": 4, "width": 8, "block_count": 1, "training": { "steps": 5 } }
            """, ", \"unet\": { \"width\": 8 }, \"grid_positions\": true");
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("run"));
        Assert.Contains("image", Run("evaluate", _folder.File("run")));
        Run("generate", _folder.File("run"), "--prompt", "a red circle", "--steps", "3", "--method", method, "--out", _folder.File("image.png"));
        var image = ImageCodec.Decode(File.ReadAllBytes(_folder.File("image.png")), Rgb.White);
        Assert.Equal((8, 8), (image.Width, image.Height));
        Assert.NotEqual("", Run("generate", _folder.File("run"), "--image", _folder.File("image.png")).Trim());
        Write(noise, """
            "image_vae": {}
            """);
        Assert.Contains("add \"image_patches\"", CliRun.Of("train", _folder.File("tiny.json"), "--out", _folder.File("other")).Error);
    }

    [Fact]
    public void AReadyVaeIsUsedByManyRunsAndCopiedIntoEach()
    {
        Write("ddpm", """
            "image_patches": {},
              "image_vae": { "factor": 2, "latent_dim": 4, "width": 8, "block_count": 1, "training": { "steps": 5 } }
            """);
        Run("tokenizer", "train-vae", _folder.File("tiny.json"), "--out", _folder.File("vae"));
        Write("ddpm", "\"image_patches\": {}, \"image_vae\": { \"path\": \"${vae}\" }");
        string[] recipe = [_folder.File("tiny.json"), "--path", $"vae={_folder.File("vae")}"];
        Write("ddpm", $"\"image_patches\": {{}}, \"image_vae\": {{ \"path\": {JsonSerializer.Serialize(_folder.File("vae"))} }}");
        Run("plan", _folder.File("tiny.json"));
        Write("ddpm", "\"image_patches\": {}, \"image_vae\": { \"path\": \"${vae}\" }");
        Run(["train", .. recipe, "--out", _folder.File("one")]);
        Run(["train", .. recipe, "--out", _folder.File("two"), "--data", _folder.File("one/data"), "--architecture", "dense"]);
        foreach (var run in new[] { "one", "two" })
            Assert.Equal(File.ReadAllBytes(_folder.File("vae/model.safetensors")), File.ReadAllBytes(_folder.File($"{run}/tokenizers/image/model.safetensors")));

        Directory.Move(_folder.File("vae"), _folder.File("gone")); // runs have their own
        Run("generate", _folder.File("one"), "--prompt", "a red circle", "--steps", "2", "--out", _folder.File("image.png"));
        Run(["train", .. recipe, "--out", _folder.File("one"), "--resume"]);
        Assert.Contains($"image_vae: path {_folder.File("vae")}: there is no such folder", CliRun.Of(["train", .. recipe, "--out", _folder.File("three")]).Error);
        string[] moved = [_folder.File("tiny.json"), "--path", $"vae={_folder.File("gone")}"];
        Run(["train", .. moved, "--out", _folder.File("moved"), "--data", _folder.File("one/data")]); // the same VAE elsewhere
        Assert.Contains("there is no such folder", CliRun.Of(["train", _folder.File("tiny.json"), "--path", "vae=nowhere", "--out", _folder.File("three"), "--data", _folder.File("one/data")]).Error);
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.Contains("the folder holds no VAE", CliRun.Of(["train", _folder.File("tiny.json"), "--path", $"vae={_folder.File("empty")}", "--out", _folder.File("three")]).Error);
        Write("ddpm", """
            "image_patches": {},
              "image_vae": { "factor": 2, "latent_dim": 2, "width": 8, "block_count": 1, "training": { "steps": 5 } }
            """);
        Run("tokenizer", "train-vae", _folder.File("tiny.json"), "--out", _folder.File("vae"));
        Write("ddpm", "\"image_patches\": {}, \"image_vae\": { \"path\": \"${vae}\" }");
        Assert.Contains("was made with another VAE", CliRun.Of(["train", .. recipe, "--out", _folder.File("three"), "--data", _folder.File("one/data")]).Error);
        Write("ddpm", "\"image_patches\": {}, \"image_vae\": { \"path\": \"${vae}\", \"factor\": 8 }");
        Assert.Contains("leave out the other fields", CliRun.Of(["train", .. recipe, "--out", _folder.File("three")]).Error);
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace(Patches, "\"image_patches\": {}, \"image_vae\": { \"path\": \"${vae}\" }").Replace("\"NOISE\"", "\"ddpm\"").Replace("\"image_size\": 8", "\"image_size\": 16"));
        var shaped = CliRun.Of(["train", .. recipe, "--out", _folder.File("three")]).Error;
        Assert.Contains($"image_vae: path {_folder.File("vae")}: the VAE is for images of 8x8 pixels with 3 channels, and the data have 16x16", shaped);
        Assert.DoesNotContain("Training the text tokenizer", shaped); // told of first
    }

    [Fact]
    public void ImagesOfSeveralSizesAreLearnedDrawnAndJudged()
    {
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace("\"image_size\": 8", "\"image_sizes\": [8, \"12x8\", \"8x12\"]").Replace("\"NOISE\"", "\"flow\", \"grid_positions\": true"));
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("run"));
        var images = JsonDocument.Parse(Run("evaluate", _folder.File("run"), "--images", "--json")).RootElement.GetProperty("images");
        Assert.True(images.GetProperty("models")[0].GetProperty("scores").GetProperty("frechet_distance").GetDouble() > images.GetProperty("training").GetProperty("frechet_distance").GetDouble());
        foreach (var (size, width, height) in new[] { ("8", 8, 8), ("12x8", 12, 8), ("8x12", 8, 12) })
        {
            Run("generate", _folder.File("run"), "--prompt", "a red circle", "--steps", "3", "--size", size, "--out", _folder.File("image.png"));
            var image = ImageCodec.Decode(File.ReadAllBytes(_folder.File("image.png")), Rgb.White);
            Assert.Equal((width, height), (image.Width, image.Height));
            Assert.NotEqual("", Run("generate", _folder.File("run"), "--image", _folder.File("image.png")).Trim());
        }
        Assert.Contains("8 or 12x8 or 8x12", CliRun.Of("generate", _folder.File("run"), "--prompt", "a", "--size", "9", "--out", _folder.File("x.png")).Error);
        Assert.Contains("--size: 'large' is no size", CliRun.Of("generate", _folder.File("run"), "--prompt", "a", "--size", "large", "--out", _folder.File("x.png")).Error);
        Run("data", "preview", _folder.File("tiny.json"), "--out", _folder.File("preview.png"));
    }

    [Fact]
    public void ASizeWhereNothingIsDrawnIsRefused()
    {
        ImageCodec.WritePng(_folder.File("in.png"), new PixelImage(8, 8, 3, new byte[192]));
        foreach (var arguments in new string[][] { ["--image", _folder.File("in.png")], ["--prompt", "a", "--speak", "a.wav"], ["--interleave", "--prompt", "a", "--speak", "a.wav"] })
        {
            var run = CliRun.Of(["generate", _folder.File("run"), .. arguments, "--size", "12x8"]);
            Assert.Equal(ExitCode.Usage, run.ExitCode);
            Assert.Contains("--size 12x8 is for what is drawn", run.Error);
        }
        Assert.DoesNotContain("--size", CliRun.Of("generate", _folder.File("run"), "--interleave", "--prompt", "a", "--out", "a.png", "--size", "12x8").Error); // may draw
    }

    [Fact]
    public void ARunThatWasStoppedEndsWithTheSameBytes()
    {
        Write("ddpm");
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("whole"));
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("stopped"), "--data", _folder.File("whole/data"));
        var checkpoints = _folder.File("stopped/checkpoints");
        Directory.Delete(Path.Combine(checkpoints, "step-00000012"), recursive: true);
        File.Delete(Path.Combine(checkpoints, "index.json"));
        Run("train", _folder.File("tiny.json"), "--out", _folder.File("stopped"), "--resume");
        foreach (var file in new[] { "model.safetensors", "optimizer.safetensors" })
            Assert.Equal(File.ReadAllBytes(_folder.File($"whole/checkpoints/step-00000012/{file}")), File.ReadAllBytes(Path.Combine(checkpoints, "step-00000012", file)));
    }

    [Fact]
    public void TokenizersOfAnotherKindAreNotReused()
    {
        Write("ddpm");
        Run("data", "prepare", _folder.File("tiny.json"), "--out", _folder.File("data"));
        File.WriteAllText(_folder.File("other.json"), Recipe.Replace("NOISE", "ddpm").Replace("\"size\": 4", "\"size\": 2"));
        Assert.Contains("image_patches", CliRun.Of("data", "prepare", _folder.File("other.json"), "--out", _folder.File("data")).Error);
        File.WriteAllText(_folder.File("tokens.json"), Recipe.Replace("NOISE", "ddpm").Replace("\"image_patches\": { \"size\": 4 },", ""));
        Assert.Contains("add \"image_patches\"", CliRun.Of("train", _folder.File("tokens.json"), "--out", _folder.File("tokens")).Error);
    }

    private void Write(string noise, string images = Patches, string diffusion = "") =>
        File.WriteAllText(_folder.File("tiny.json"), Recipe.Replace(Patches, images).Replace("\"NOISE\"", $"\"{noise}\"{diffusion}"));

    private static string Run(params string[] arguments)
    {
        var run = CliRun.Of(arguments);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
        return run.Output;
    }
}
