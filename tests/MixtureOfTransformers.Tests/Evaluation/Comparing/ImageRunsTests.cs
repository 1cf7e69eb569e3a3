using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

/// <summary>Comparisons that measure what is drawn and described, of images that are denoised and of images of tokens.</summary>
public sealed class ImageRunsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TransfusionRunsAreComparedWithExpertsTooAndMeasuredOnce()
    {
        var tiny = TestComparison.Recipe;
        var recipe = tiny with
        {
            Recipe = tiny.Recipe with
            {
                ImagePatches = new() { Size = 4 },
                Model = tiny.Recipe.Model with { Diffusion = new() { Noise = NoiseKind.Flow } },
            },
            Architectures = [.. ((string[])["dense", "mot", "moe-4x", "hybrid"]).Select(name => new ComparedArchitecture { Name = name })],
            Seeds = [1],
            RouterSteps = 4,
            Samples = 1,
            MeasuredImages = 4,
        };
        var outcome = Run(recipe, "out");
        Assert.Equal([false, false, true, true], outcome.Runs.Select(r => r.CausalLoss is not null));
        Assert.All(outcome.Runs[2..], r => Assert.Equal(["image", "text"], r.CausalLoss!.Keys.Order()));
        Assert.Equal([.. Enumerable.Repeat(4, 2)], outcome.Samples.Select(s => s.Generated.Length));
        Assert.Equal(4, outcome.Images!.Count);
        Assert.Equal(["dense", "mot", "moe-4x", "hybrid"], outcome.Images.Models.Select(m => m.Architecture));
        Assert.All(outcome.Images.Models, m => Assert.InRange(m.Scores.CaptionScore!.Value, -1, 1));
        Assert.All(outcome.Images.Models, m => Assert.True(m.Scores.FrechetDistance > outcome.Images.Training.FrechetDistance, "noise is nearer to images than images are"));
        Assert.True(outcome.Images.HeldOut.Cider > outcome.Images.Shuffled.Cider);

        var stages = new TestComparison.Stages();
        var again = Run(recipe, "out", stages);
        Assert.DoesNotContain(stages.Names, name => name.Contains("images", StringComparison.Ordinal));
        Assert.Equal(outcome.Images.Models, again.Images!.Models);
    }

    [Fact]
    public void WhatCannotDrawIsNoted()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1], MeasuredImages = 2 };
        recipe = recipe with { Recipe = recipe.Recipe with { Training = recipe.Recipe.Training with { SequenceLength = 12 } } };
        var outcome = Run(recipe, "out");
        Assert.Empty(outcome.Images!.Models);
        Assert.Equal(2, outcome.Notes.Count(note => note.StartsWith("No measures of the images of", StringComparison.Ordinal)));
    }

    private ComparisonOutcome Run(CompareRecipe recipe, string name, TestComparison.Stages? stages = null) =>
        new Comparison(recipe, _folder.File(name), new() { Stages = stages ?? new() }).Run();
}
