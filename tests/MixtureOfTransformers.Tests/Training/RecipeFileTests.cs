using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Training;

public sealed class RecipeFileTests
{
    [Fact]
    public void MinimalRecipeWorks()
    {
        var recipe = Parse("""{ "name": "small" }""");
        Assert.Equal((1000L, 0.1, 0.95), (recipe.Training.TotalSteps, recipe.Training.Optimizer.WeightDecay, recipe.Training.Optimizer.Beta2));
        var config = recipe.Model.ToConfig(Vocabulary, recipe.Training.SequenceLength);
        Assert.Equal(ModelPresets.Get("mini") with { VocabularySize = 400, MaxSequenceLength = 256, Modalities = config.Modalities }, config with { Towers = ModelPresets.Get("mini").Towers });
        Assert.Equal(2, config.TowerCount);
        Assert.IsType<SceneRecipe>(Assert.Single(recipe.Data.Sources));
    }

    [Fact]
    public void FieldsOverridePresets()
    {
        var recipe = Parse("""{ "name": "x", "model": { "preset": "tiny", "layer_count": 3, "architecture": "dense", "qk_norm": "layer", "untied": "feed_forward, norms" } }""");
        var config = recipe.Model.ToConfig(Vocabulary, 64);
        Assert.Equal((64, 3, QkNorm.Layer, UntiedParts.FeedForward | UntiedParts.Norms, 1, 64),
            (config.Dim, config.LayerCount, config.QkNorm, config.Untied, config.TowerCount, config.MaxSequenceLength));
    }

    [Fact]
    public void WrittenRecipesReadBackEqual()
    {
        using var folder = new TemporaryFolder();
        var recipe = Parse("""{ "name": "x", "seed": 3, "data": { "sources": [{ "count": 50, "type": "scenes" }] }, "model": { "dim": 64, "layer_count": 1, "head_count": 2 }, "training": { "minutes": 1.5, "compute": "bf16", "schedule": "warmup_stable_decay", "spike_guard": { "enabled": false } } }""");
        JsonFile.Write(folder.File("recipe.json"), recipe, RecipeJson.Default.Recipe);
        var written = File.ReadAllText(folder.File("recipe.json"));
        var again = RecipeFile.Read(folder.File("recipe.json"));
        JsonFile.Write(folder.File("again.json"), again, RecipeJson.Default.Recipe);
        Assert.Equal(written, File.ReadAllText(folder.File("again.json")));
        Assert.Equal((1.5, ComputeType.Bf16, ScheduleKind.WarmupStableDecay, false), (again.Training.Minutes, again.Training.Compute, again.Training.Schedule, again.Training.SpikeGuard.Enabled));
    }

    [Fact]
    public void PlaceholdersAreFilledIn()
    {
        var recipe = RecipeFile.Parse("""{ "name": "a ${where} b" }""", "r.json", new Dictionary<string, string> { ["where"] = "C:\\data \"1\"" });
        Assert.Equal("a C:\\data \"1\" b", recipe.Name);
    }

    [Theory]
    [InlineData("""{ "name": "${where}" }""", "needs a value for ${where}")]
    [InlineData("""{ "name": "x", "learning_rate": 1 }""", "learning_rate")]
    [InlineData("""{ "name": "x", "training": { "learning_rat": 1 } }""", "learning_rat")]
    [InlineData("""{ "seed": 1 }""", "name")]
    [InlineData("""{ "name": "x", "training": { "steps": 5, "minutes": 1 } }""", "steps 5 and minutes 1")]
    [InlineData("""{ "name": "x", "training": { "betas": [0.9] } }""", "betas")]
    [InlineData("""{ "name": "x", "training": { "steps": 10, "warmup_steps": 10 } }""", "warmup_steps 10")]
    [InlineData("""{ "name": "x", "training": { "schedule": "exponential" } }""", "schedule")]
    [InlineData("""{ "name": "x", "data": { "sources": [{ "type": "scenes", "colour": 1 }] } }""", "colour")]
    [InlineData("""{ "name": "x", "data": null }""", "$.data must not be null")]
    [InlineData("""{ "name": "x", "data": { "sources": null } }""", "sources")]
    [InlineData("""{ "name": "x", "data": { "sources": [{ "type": "captioned_images", "path": null }] } }""", "$.data.sources[0].path must not be null")]
    [InlineData("""{ "name": "x", "training": { "betas": null } }""", "$.training.betas must not be null")]
    [InlineData("""{ "name": "x", "model": { "preset": "huge" } }""", "no preset 'huge'")]
    [InlineData("""{ "name": "x", "model": { "dim": 64 } }""", "head_count")]
    public void ErrorsNameTheFileAndTheFault(string json, string named)
    {
        var message = Assert.Throws<ConfigException>(() => Parse(json)).Message;
        Assert.StartsWith("r.json", message);
        Assert.Contains(named, message);
    }

    [Fact]
    public void ValuesThatNoPlaceholderAsksForAreRefused() => Assert.Contains("${emoji}",
        Assert.Throws<ConfigException>(() => RecipeFile.Parse("""{ "name": "x" }""", "r.json", new Dictionary<string, string> { ["emoji"] = "/data" })).Message);

    private static Vocabulary Vocabulary => new()
    {
        Ranges = [new() { Modality = ModalityId.Text, Offset = 0, Count = 300 }, new() { Modality = ModalityId.Image, Offset = 300, Count = 100, BeginId = 3, EndId = 4 }],
        BeginOfSequence = 0,
        EndOfSequence = 1,
        Padding = 2,
    };

    private static Recipe Parse(string json) => RecipeFile.Parse(json, "r.json");
}
