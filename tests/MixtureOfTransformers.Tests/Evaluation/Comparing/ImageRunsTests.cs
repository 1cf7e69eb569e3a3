using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Kernels;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

/// <summary>Comparisons that measure what is drawn and described, of images that are denoised and of images of tokens.</summary>
/// <remarks>Alone: other tests set the number of threads of the whole process, on which the last bits of a product, and so of a drawing, may depend.</remarks>
[Collection(nameof(ThreadCount))]
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

        // One run is left, and what judges it is what judged the others: they keep what they have.
        var (mot, dense) = (Measures("out/runs/seed1/mot"), Measures("out/runs/seed1/dense"));
        var written = File.ReadAllText(dense);
        File.Delete(mot);
        File.WriteAllText(dense, "{\"scores\": {\"cider\": 9}}");
        Assert.Equal([9, outcome.Images.Models[1].Scores.Cider], Run(recipe, "out").Images!.Models[..2].Select(m => m.Scores.Cider));

        // What judged the others was another: all are measured again.
        File.Delete(mot);
        JsonFile.Write(Measures("out"), outcome.Images with { HeldOut = outcome.Images.HeldOut with { CaptionScore = 0.5 }, Models = [] }, CompareJson.Default.ImageQuality);
        Assert.Equal(outcome.Images.Models, Run(recipe, "out").Images!.Models);
        Assert.Equal(written, File.ReadAllText(dense));
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

    [Fact]
    public void ARunThatCannotBeOpenedIsAnErrorAndNoResult()
    {
        var recipe = TestComparison.Recipe with { Seeds = [1], MeasuredImages = 2 };
        var stages = new TestComparison.Stages
        {
            StageStarted = name =>
            {
                if (name == "Measuring images")
                    Directory.Move(_folder.File("out/runs/seed1/mot/checkpoints"), _folder.File("elsewhere"));
            },
        };
        Assert.ThrowsAny<MotException>(() => Run(recipe, "out", stages));
        Assert.False(File.Exists(Measures("out/runs/seed1/mot")));
        Directory.Move(_folder.File("elsewhere"), _folder.File("out/runs/seed1/mot/checkpoints"));
        Assert.Contains(Run(recipe, "out").Images!.Models, m => m.Architecture == "mot");
    }

    private string Measures(string folder) => _folder.File(folder + "/images.json");

    private ComparisonOutcome Run(CompareRecipe recipe, string name, TestComparison.Stages? stages = null) =>
        new Comparison(recipe, _folder.File(name), new() { Stages = stages ?? new() }).Run();
}
