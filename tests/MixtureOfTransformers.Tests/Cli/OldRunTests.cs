using System.Text.Json;
using System.Text.Json.Nodes;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>Runs that were begun by earlier versions go on with the recipe that they were begun with.</summary>
public sealed class OldRunTests : IDisposable
{
    private const string Recipe = """
        {
          "name": "tiny",
          "data": { "sources": [{ "type": "scenes", "count": 150, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
          "text_tokenizer": { "vocabulary_size": 300 },
          "image_patches": {},
          "model": { "dim": 64, "layer_count": 1, "head_count": 2, "feed_forward_dim": 32, "diffusion": { "noise": "flow" } },
          "training": { "sequence_length": 192, "batch_rows": 2, "steps": 6, "warmup_steps": 1, "validation_batches": 1, "checkpoint_every": 3 }
        }
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Before there were latents, recipes were written with the size of patches, and neither vocabularies nor models said how patches are cut.</summary>
    [Fact]
    public void ARunFromBeforeLatentsGoesOnToTheSameWeights()
    {
        File.WriteAllText(_folder.File("tiny.json"), Recipe);
        Run("data", "prepare", _folder.File("tiny.json"), "--out", _folder.File("data"));
        Edit("data/tokenizers/recipe.json", AsThen);
        Edit("data/tokenizers/vocabulary.json", vocabulary =>
        {
            foreach (var range in vocabulary["ranges"]!.AsArray())
                Drop(range!.AsObject(), "vector_channels", "grid_columns");
        });
        Directory.Delete(_folder.File("data/tokens"), recursive: true);
        Run("train", _folder.File("tiny.json"), "--data", _folder.File("data"), "--out", _folder.File("run"));

        Edit("run/recipe.json", recipe =>
        {
            AsThen(recipe);
            Drop(recipe["model"]!["diffusion"]!.AsObject(), "channels", "columns", "unet", "grid_positions");
        });
        Edit("run/tokenizers/recipe.json", AsThen);
        var checkpoint = _folder.File("run/checkpoints/step-00000003");
        Edit("run/checkpoints/step-00000003/config.json", config => Drop(config["diffusion"]!.AsObject(), "channels", "columns", "unet", "grid_positions"));
        Edit("run/checkpoints/step-00000003/checksums.json", checksums => checksums["files"]!["config.json"] = JsonSerializer.SerializeToNode(FileChecksum.Of(Path.Combine(checkpoint, "config.json")), CheckpointJson.Default.FileChecksum));
        var whole = File.ReadAllBytes(_folder.File("run/checkpoints/step-00000006/model.safetensors"));
        Directory.Delete(_folder.File("run/checkpoints/step-00000006"), recursive: true);
        File.Delete(_folder.File("run/checkpoints/index.json"));

        Run("train", _folder.File("tiny.json"), "--out", _folder.File("run"), "--resume");
        Assert.Equal(whole, File.ReadAllBytes(_folder.File("run/checkpoints/step-00000006/model.safetensors")));
        Run("evaluate", _folder.File("run"));
        File.WriteAllText(_folder.File("other.json"), Recipe.Replace("\"image_patches\": {}", "\"image_patches\": { \"size\": 2 }"));
        Assert.Contains("its image_patches.size is 4, and here it is 2", CliRun.Of("train", _folder.File("other.json"), "--out", _folder.File("run"), "--resume").Error);
    }

    private static void AsThen(JsonObject recipe)
    {
        recipe["image_patches"] = new JsonObject { ["size"] = 4 };
        Drop(recipe, "image_vae");
    }

    private static void Drop(JsonObject json, params string[] fields)
    {
        foreach (var field in fields)
            json.Remove(field);
    }

    private void Edit(string file, Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File(file)))!.AsObject();
        edit(json);
        File.WriteAllText(_folder.File(file), json.ToJsonString());
    }

    private static void Run(params string[] arguments)
    {
        var run = CliRun.Of(arguments);
        Assert.True(run.ExitCode == ExitCode.Success, run.Error);
    }
}
