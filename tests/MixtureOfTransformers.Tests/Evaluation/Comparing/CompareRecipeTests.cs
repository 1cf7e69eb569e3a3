using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

public sealed class CompareRecipeTests
{
    [Fact]
    public void AnArchitectureIsANameOrAnObject()
    {
        var recipe = With("""["dense", "mot"]""", """["dense", { "name": "wide", "architecture": "mot", "model": { "dim": 32, "layer_count": 1, "head_count": 2 } }]""");
        Assert.Equal(["dense", "wide"], recipe.Architectures.Select(a => a.Name));
        Assert.Equal(("dense", 16), (recipe.Architectures[0].Of(recipe.Recipe.Model).Architecture, recipe.Architectures[0].Of(recipe.Recipe.Model).Dim));
        Assert.Equal(("mot", 32), (recipe.Architectures[1].Of(recipe.Recipe.Model).Architecture, recipe.Architectures[1].Of(recipe.Recipe.Model).Dim));
    }

    [Fact]
    public void PlaceholdersAreFilledInAndDefaultsAreKept()
    {
        var recipe = CompareRecipeFile.Parse("""
            { // a comment
              "recipe": { "name": "texts", "data": { "sources": [{ "type": "text", "paths": ["${texts}/a.txt"] }] } },
              "architectures": ["mot", "dense"], "baseline": "dense",
            }
            """, "test", new Dictionary<string, string> { ["texts"] = "/somewhere" }).Single().Recipe;
        Assert.Equal((24, 4, "dense"), (recipe.Evaluations, recipe.Samples, recipe.BaselineName));
        Assert.Equal([1], recipe.AllSeeds);
        Assert.Equal("/somewhere/a.txt", Assert.Single(Assert.IsType<TextRecipe>(recipe.Recipe.Data.Sources[0]).Paths));
        Assert.Contains("--path texts=", Assert.Throws<ConfigException>(() => CompareRecipeFile.Parse("{ \"recipe\": \"${texts}\" }", "test")).Message);
    }

    [Theory]
    [InlineData("""["dense", "mot"]""", "[]", "at least one")]
    [InlineData("""["dense", "mot"]""", """["dense", "dens"]""", "there is no architecture 'dens'")]
    [InlineData("""["dense", "mot"]""", """["dense", "dense"]""", "two architectures are called 'dense'")]
    [InlineData("""["dense", "mot"]""", """[{ "name": "../x", "architecture": "mot" }]""", "names a folder")]
    [InlineData("""["dense", "mot"]""", """[{ "name": "x", "shape": 1 }]""", "unknown field 'shape'")]
    [InlineData("[1, 2]", "[1, 1]", "seed 1 is given twice")]
    [InlineData("[1, 2]", "[-1]", "must not be negative")]
    [InlineData("\"evaluations\": 6", "\"evaluations\": 3", "evaluations 3 must be at least 4")]
    [InlineData("\"evaluations\": 6", "\"minutes\": 3", "minutes 3 and training.steps 20")]
    [InlineData("\"evaluations\": 6", "\"baseline\": \"moe\"", "baseline 'moe' is not among")]
    [InlineData("\"evaluations\": 6", "\"learning_rates\": [0.1, 0.1]", "must be finite, positive and differ")]
    [InlineData("\"evaluations\": 6", "\"learning_rates\": [0.1, \"Infinity\"]", "must be finite, positive and differ")]
    [InlineData("\"evaluations\": 6", "\"sweep_steps\": 0", "sweep_steps 0")]
    [InlineData("\"evaluations\": 6", "\"stesp\": 0", "unknown field 'stesp'")]
    [InlineData("\"evaluations\": 6", "\"seeds\": [1]", "Duplicate")]
    [InlineData("\"evaluations\": 6", "\"seeds\" [1]", "test (line 12)")]
    [InlineData("\"steps\": 20", "\"minutes\": 1", "another number of steps")]
    public void AProblemIsNamed(string was, string now, string problem) =>
        Assert.Contains(problem, Assert.Throws<ConfigException>(() => With(was, now)).Message, StringComparison.Ordinal);

    [Fact]
    public void VariantsDifferInWhatTheyNameAndShareTheMinutes()
    {
        const string Sizes = """
            "minutes": 10, "variants": [
              { "name": "small", "recipe": { "model": { "dim": 8 } } },
              { "name": "long", "recipe": { "training": { "batch_rows": 4 } }, "architectures": ["mot"] },
            ], "samples": 0
            """;
        var json = TestComparison.Json.Replace(", \"steps\": 20 }", " }", StringComparison.Ordinal).Replace("\"samples\": 0", Sizes, StringComparison.Ordinal);
        var variants = CompareRecipeFile.Parse(json, "test");
        Assert.Equal([("small", 8, 2, 2, 5.0), ("long", 16, 4, 1, 5.0)],
            variants.Select(v => (v.Name!, v.Recipe.Recipe.Model.Dim!.Value, v.Recipe.Recipe.Training.BatchRows, v.Recipe.Architectures.Length, v.Recipe.Minutes!.Value)));
        Assert.Equal("tiny", variants[1].Recipe.Recipe.Name);
        Assert.Contains("test, variant 1", Assert.Throws<ConfigException>(() => CompareRecipeFile.Parse(json.Replace("small", "a/b", StringComparison.Ordinal), "test")).Message);
        Assert.Contains("is called plots, as a folder that all variants share", Assert.Throws<ConfigException>(() => CompareRecipeFile.Parse(json.Replace("small", "plots", StringComparison.Ordinal), "test")).Message);
        Assert.Contains("unknown field 'dims'", Assert.Throws<ConfigException>(() => CompareRecipeFile.Parse(json.Replace("\"dim\": 8", "\"dims\": 8", StringComparison.Ordinal), "test")).Message);
        Assert.Contains("name of its own", Assert.Throws<ConfigException>(() => CompareRecipeFile.Parse(json.Replace("small", "long", StringComparison.Ordinal), "test")).Message);
    }

    [Fact]
    public void TheShortestRunMustBeLongerThanTheWarmup()
    {
        var recipe = TestComparison.Recipe with { LearningRates = [0.1, 0.2] };
        Assert.Equal((20, 5), (ComparisonPlan.Of(recipe, 20).Steps, ComparisonPlan.Of(recipe, 20).SweepSteps));
        Assert.Contains("warmup_steps 2 must be below the 2 steps", Assert.Throws<ConfigException>(() => ComparisonPlan.Of(recipe, 8)).Message);
        Assert.Contains("warmup_steps 2 must be below the 2 steps", Assert.Throws<ConfigException>(() => (recipe with { SweepSteps = 2 }).Validate()).Message); // told before any data are prepared
        Assert.Contains("raise steps or sweep_steps", Assert.Throws<ConfigException>(() => (recipe with { Recipe = recipe.Recipe with { Training = recipe.Recipe.Training with { Steps = 8 } } }).Validate()).Message);
        (recipe with { SweepSteps = 2, Minutes = 1, Recipe = recipe.Recipe with { Training = recipe.Recipe.Training with { Steps = null } } }).Validate(); // the steps are not known yet
    }

    [Fact]
    public void RecipesOfTheRepositoryAreValid()
    {
        var files = new[] { "paper", "compare" }.SelectMany(folder => Directory.EnumerateFiles(Repository.PathTo("recipes", folder), "*.json")).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var text = File.ReadAllText(file);
            var values = new[] { "fashion", "shakespeare", "openmoji", "fsdd" }.Where(name => text.Contains($"${{{name}}}", StringComparison.Ordinal)).ToDictionary(name => name, name => name);
            CompareRecipeFile.Read(file, values);
        }
    }

    [Fact]
    public void TheSmallerMotOfFigure11HasHalfTheFlopsOfTheDenseModel()
    {
        var recipe = CompareRecipeFile.Read(Repository.PathTo("recipes", "paper", "fig11-smaller-mot.json")).Single().Recipe;
        double FlopsOf(string name)
        {
            var model = recipe.Architectures.Single(a => a.Name == name).Of(recipe.Recipe.Model);
            return Flops.PerTokenCausal(model.ToConfig(RecipeVocabulary.Of(recipe.Recipe), recipe.Recipe.Training.SequenceLength), recipe.Recipe.Training.SequenceLength).Forward;
        }
        Assert.Equal(FlopsOf("dense"), FlopsOf("mot"));
        Assert.InRange(FlopsOf("small-mot") / FlopsOf("dense"), 0.45, 0.55); // 760M to 1.4B in the paper
    }

    [Fact]
    public void TheFiguresWithSpeechCompareThreeSizesOnThreeModalities() // figures 8, 9 and 25
    {
        var variants = CompareRecipeFile.Read(Repository.PathTo("recipes", "paper", "fig08-speech.json"));
        Assert.Equal([("d32", 32), ("d64", 64), ("d96", 96)], variants.Select(v => (v.Name!, v.Recipe.Recipe.Model.Dim!.Value)));
        Assert.All(variants, v => Assert.Equal(["dense", "mot", "moe-4x"], v.Recipe.Architectures.Select(a => a.Name)));
        Assert.All(variants, v => Assert.Equal(["image", "speech", "text"], v.Recipe.Recipe.Data.Modalities.Select(m => m.Name).Order()));
    }

    private static CompareRecipe With(string was, string now)
    {
        Assert.Contains(was, TestComparison.Json, StringComparison.Ordinal);
        return CompareRecipeFile.Parse(TestComparison.Json.Replace(was, now, StringComparison.Ordinal), "test").Single().Recipe;
    }
}
