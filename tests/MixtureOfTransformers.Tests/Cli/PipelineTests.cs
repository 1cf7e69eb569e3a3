using MixtureOfTransformers.Cli;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>The main job as a user types it, on data and models small enough for a test.</summary>
public sealed class PipelineTests : IDisposable
{
    internal const string Recipe = """
        {
          "name": "tiny",
          "data": { "sources": [{ "type": "scenes", "count": 150, "max_objects": 1 }], "image_size": 8, "validation_fraction": 0.2 },
          "text_tokenizer": { "vocabulary_size": 300 },
          "image_tokenizer": { "width": 8, "code_dim": 4, "codebook_size": 16, "training": { "steps": 5 } },
          "model": { "dim": 16, "layer_count": 1, "head_count": 2, "feed_forward_dim": 16 },
          "training": { "sequence_length": 192, "batch_rows": 2, "steps": 6, "warmup_steps": 1, "validation_batches": 1, "checkpoint_every": 3 }
        }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("mot-pipeline-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TrainEvaluateGenerateAndDescribe()
    {
        File.WriteAllText(In("tiny.json"), Recipe);
        await Run("train", In("tiny.json"), "--out", In("run"));
        Assert.True(File.Exists(In("run/checkpoints/step-00000006/model.safetensors")));
        await Run("train", In("tiny.json"), "--out", In("dense"), "--data", In("run/data"), "--architecture", "dense");

        Assert.Contains("validation loss", await Run("evaluate", In("run")));
        Assert.Contains("\"modality_loss\"", await Run("evaluate", In("dense"), "--json"));

        await Run("generate", In("run"), "--prompt", "a red circle", "--count", "2", "--out", In("image.png"));
        var image = ImageCodec.Decode(File.ReadAllBytes(In("image-2.png")), Rgb.White);
        Assert.Equal((8, 8), (image.Width, image.Height));
        Assert.NotEqual("", (await Run("generate", In("run"), "--image", In("image-1.png"))).Trim());
    }

    [Fact]
    public async Task WeightsInInt8AreRefusedForAModelWhoseWidthsDoNotFit()
    {
        File.WriteAllText(In("tiny.json"), Recipe);
        await Run("train", In("tiny.json"), "--out", In("run"));
        foreach (var command in (string[][])[["evaluate", In("run")], ["generate", In("run"), "--prompt", "a", "--out", In("x.png")]])
        {
            var (code, _, error) = await Invoke([.. command, "--weights", "int8"]);
            Assert.Equal(ExitCode.Failure, code);
            Assert.Contains("with heads of 8", error);
        }
    }

    [Fact]
    public async Task PreparedDataAreReusedAndAnotherRecipesAreRefused()
    {
        File.WriteAllText(In("tiny.json"), Recipe);
        await Run("data", "prepare", In("tiny.json"), "--out", In("data"), "--verify");
        var first = File.ReadAllBytes(In("data/tokens/prepared.json"));
        await Run("data", "prepare", In("tiny.json"), "--out", In("data"), "--json");
        Assert.Equal(first, File.ReadAllBytes(In("data/tokens/prepared.json")));

        File.WriteAllText(In("other.json"), Recipe.Replace("\"count\": 150", "\"count\": 151"));
        var (code, _, error) = await Invoke("data", "prepare", In("other.json"), "--out", In("data"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("another recipe", error);
    }

    [Fact]
    public async Task TokenizersOfAnotherRecipeAreNotReused()
    {
        await Run("data", "prepare", Write("tiny.json", Recipe), "--out", In("data"));
        var (code, _, error) = await Invoke("data", "prepare", Write("other.json", Recipe.Replace("\"codebook_size\": 16", "\"codebook_size\": 32")), "--out", In("data"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("image_tokenizer", error);
        Directory.CreateDirectory(In("fresh/tokenizers")); // an empty folder is no obstacle
        await Run("data", "prepare", In("tiny.json"), "--out", In("fresh"));
    }

    [Fact]
    public async Task DataWithoutValidationDocumentsTrainAndSave()
    {
        await Run("train", Write("tiny.json", Recipe.Replace("\"validation_fraction\": 0.2", "\"validation_fraction\": 0")), "--out", In("run"));
        Assert.True(File.Exists(In("run/checkpoints/step-00000006/model.safetensors")));
        Assert.Empty(MetricsLog.Read(In("run/metrics.jsonl")).OfType<ValidationMetrics>());
        var (code, _, error) = await Invoke("evaluate", In("run"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("validation_fraction", error);
    }

    [Fact]
    public async Task ResumingAfterTheLastCheckpointButOneGivesTheSameBytes()
    {
        await Run("train", Write("tiny.json", Recipe), "--out", In("run"));
        string[] files = ["model.safetensors", "optimizer.safetensors"];
        var expected = files.Select(f => File.ReadAllBytes(In($"run/checkpoints/step-00000006/{f}"))).ToArray();
        Directory.Delete(In("run/checkpoints/step-00000006"), recursive: true); // as if killed before it was written
        File.Delete(In("run/checkpoints/index.json"));
        Assert.Contains("from checkpoint step-00000003", await Run("train", In("tiny.json"), "--out", In("run"), "--resume"));
        Assert.Equal(expected, files.Select(f => File.ReadAllBytes(In($"run/checkpoints/step-00000006/{f}"))));
    }

    [Fact]
    public async Task AnotherSeedGivesOtherScenesAndOtherPreparedData()
    {
        var recipe = Write("tiny.json", Recipe);
        var first = await Run("data", "preview", recipe, "--seed", "2");
        Assert.Equal(first, await Run("data", "preview", recipe, "--seed", "2"));
        Assert.NotEqual(first, await Run("data", "preview", recipe, "--seed", "3"));

        await Run("data", "prepare", recipe, "--out", In("data"), "--seed", "2");
        var (code, _, error) = await Invoke("data", "prepare", recipe, "--out", In("data"), "--seed", "3");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("another recipe", error);
    }

    [Fact]
    public async Task LongStagesAreShown()
    {
        var recipe = Write("tiny.json", Recipe);
        Assert.Contains("Reading documents: done", await Run("tokenizer", "train-image", recipe, "--out", In("image")));
        Assert.Contains("Comparing checksums: done", await Run("data", "prepare", recipe, "--out", In("data"), "--verify"));
        await Run("train", recipe, "--out", In("run"), "--data", In("data"));
        await Run("generate", In("run"), "--prompt", "a red circle", "--out", In("image.png"));
        Assert.Contains("Describing: done", (await Invoke("generate", In("run"), "--image", In("image.png"))).Error);
        Assert.Contains("Continuing: done", (await Invoke("generate", In("run"), "--interleave", "--image", In("image.png"), "--out", In("more.png"))).Error);
    }

    [Fact]
    public async Task AnUpcycledRunGoesOnFromTheWeightsOfTheOther()
    {
        await Run("train", Write("tiny.json", Recipe), "--out", In("small"), "--architecture", "untied-ffn");
        await Run("upcycle", In("small"), "--architecture", "moma-2t3i", "--out", In("large"), "--steps", "4");
        Assert.Contains("from checkpoint step-00000000", await Run("train", In("large/recipe.json"), "--out", In("large"), "--resume"));
        Assert.True(File.Exists(In("large/checkpoints/step-00000004/model.safetensors")));
        Assert.True(RunFolder.Open(In("large")).Recipe.Model.ExpertChoice!.GumbelNoise);
    }

    [Fact]
    public async Task ARunWithExpertsIsMeasuredCausallyToo()
    {
        await Run("train", Write("tiny.json", Recipe), "--out", In("run"), "--architecture", "hybrid-2x");
        Assert.Contains("each token choosing", await Run("evaluate", In("run")));
        Assert.Contains("foretold", await Run("train-routers", In("run"), "--steps", "5"));
        Assert.Contains("auxiliary routers", await Run("evaluate", In("run")));
        await Run("generate", In("run"), "--prompt", "a red circle", "--out", In("image.png"));
    }

    [Fact]
    public async Task ARunWithMixtureOfDepthsGoesAllTheWay()
    {
        await Run("train", Write("tiny.json", Recipe.Replace("\"layer_count\": 1", "\"layer_count\": 2")), "--out", In("run"), "--architecture", "mod-mot");
        Assert.Contains("where depth gates look at later tokens. Causal, by each token choosing", await Run("evaluate", In("run")));
        Assert.Contains("share of tokens that pass", await Run("analyze", In("run")));
        await Run("generate", In("run"), "--prompt", "a red circle", "--out", In("first.png"));
        Assert.Contains("of the decisions of depth gates about held-out tokens foretold", await Run("train-routers", In("run"), "--steps", "5"));
        Assert.Contains("by auxiliary routers", await Run("evaluate", In("run")));
        await Run("generate", In("run"), "--prompt", "a red circle", "--out", In("image.png"));
        Assert.NotEqual("", (await Run("generate", In("run"), "--image", In("image.png"))).Trim());
    }

    [Fact]
    public async Task ComparisonSpendsTheSameFlopsOnTheSameDataAsASessionAlone()
    {
        var recipe = RecipeFile.Parse(Recipe, "test");
        using var prepared = RecipePreparation.Run(recipe, In("data"), IStages.Silent);
        using var comparison = new ArchitectureComparison(recipe, [Architectures.Dense, Architectures.Mot], prepared.Data, TorchSharp.torch.CPU, TimeProvider.System);
        var runs = comparison.Run(slices: 3);

        Assert.Equal(["dense", "mot"], runs.Select(r => r.Architecture));
        Assert.Equal(runs[0].Flops, runs[1].Flops);
        Assert.All(runs, r => Assert.Equal(6, r.Steps));
        Assert.All(runs.SelectMany(r => r.Curves), c => Assert.Equal([0, 2, 4, 6], c.Points.Select(p => p.Step)));

        await Run("train", Write("recipe.json", Recipe), "--out", In("alone"), "--data", In("data"));
        var alone = MetricsLog.Read(In("alone/metrics.jsonl")).OfType<ValidationMetrics>().Last();
        foreach (var curve in runs[1].Curves)
            Assert.Equal(alone.ModalityLoss[curve.Modality.Name], curve.Points[^1].Loss, 1e-5); // another number of threads may sum in another order
    }

    [Fact]
    public void ATimeBudgetGivesEveryArchitectureTheSameSteps()
    {
        var recipe = RecipeFile.Parse(Recipe, "test");
        using var prepared = RecipePreparation.Run(recipe, In("data"), IStages.Silent);
        using var comparison = new ArchitectureComparison(recipe, [Architectures.Dense, Architectures.Mot], prepared.Data, TorchSharp.torch.CPU, TimeProvider.System);
        var runs = comparison.Run(slices: 4, budget: TimeSpan.Zero); // no time at all: one step a slice after the warm-up
        Assert.All(runs, r => Assert.Equal(5, r.Steps));
    }

    [Theory]
    [InlineData("quickstart")]
    [InlineData("scenes")]
    [InlineData("spoken-scenes")]
    [InlineData("quickstart-speech")]
    [InlineData("fsdd", "fsdd")]
    [InlineData("openmoji", "openmoji", "shakespeare")]
    [InlineData("fashion-mnist", "fashion")]
    public void EveryRecipeIsValid(string name, params string[] placeholders) =>
        Assert.Equal(name, RecipeFile.Read(Repository.PathTo("recipes", $"{name}.json"), placeholders.ToDictionary(p => p, p => $"/data/{p}")).Name);

    [Fact]
    public async Task ASequenceTooShortForAnImageIsRefused()
    {
        var (code, _, error) = await Invoke("train", Write("tiny.json", Recipe.Replace("\"sequence_length\": 192", "\"sequence_length\": 7")), "--out", In("run"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("use at least 8", error);
    }

    [Fact]
    public async Task TheFolderAboveRunsNamesThem()
    {
        await Run("train", Write("tiny.json", Recipe), "--out", In("both/mot"));
        var (code, _, error) = await Invoke("generate", In("both"), "--prompt", "a", "--out", In("x.png"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(In("both/mot"), error);
        Assert.DoesNotContain("--resume", error);
    }

    [Fact]
    public async Task MissingPlaceholderNamesTheRemedy()
    {
        var (code, _, error) = await Invoke("train", Repository.PathTo("recipes", "openmoji.json"), "--out", In("run"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("--path openmoji=", error);
        Assert.False(Directory.Exists(In("run")));
    }

    [Fact]
    public async Task ResumingIsOnlyOfferedWhereThereIsARun()
    {
        Write("tiny.json", Recipe);
        Write("run/notes.txt", "precious");
        Assert.Contains("not empty; name a new folder", (await Invoke("train", In("tiny.json"), "--out", In("run"))).Error);
        Write("run/recipe.json", Recipe);
        Assert.Contains("resume it with --resume", (await Invoke("train", In("tiny.json"), "--out", In("run"))).Error);
    }

    [Fact]
    public async Task ImageTokenizerIsTrainedOnOneSourceAndMeasuredOnTheNext()
    {
        TestIdx.Write(In("train"), new byte[20_001], 20_001, 1, 1);
        TestIdx.Write(In("validation"), new byte[7], 7, 1, 1);
        TestIdx.Write(In("train-labels"), new byte[20_001], 20_001);
        TestIdx.Write(In("validation-labels"), new byte[7], 7);
        var sources = string.Join(", ", new[] { "train", "validation" }.Select(side =>
            $$"""{ "type": "idx", "images": "{{In(side)}}", "labels": "{{In($"{side}-labels")}}", "classes": ["a"], "split": "{{side}}" }"""));
        Write("sides.json", Recipe.Replace("""{ "type": "scenes", "count": 150, "max_objects": 1 }""", sources));
        Assert.Contains("7 held-out images", await Run("tokenizer", "train-image", In("sides.json"), "--out", In("tokenizer")));
    }

    [Fact]
    public async Task InspectPrintsThePapersSevenBillion()
    {
        var json = await Run("inspect", "7b", "--modalities", "2", "--json");
        Assert.Contains("\"parameters\": 13489430528", json);
        Assert.Contains("14562885632", json);
    }

    private string In(string name) => Path.Combine(_folder, name);

    private string Write(string name, string text)
    {
        AtomicFile.WriteText(In(name), text);
        return In(name);
    }

    private static async Task<string> Run(params string[] args)
    {
        var (code, output, error) = await Invoke(args);
        Assert.True(code == ExitCode.Success, $"mot {string.Join(' ', args)} ended with {code}: {error}");
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> Invoke(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CliApplication.RunAsync(args, new CliConsole(output, error), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
