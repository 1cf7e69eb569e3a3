using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>A model to probe and the tokens to do it with: a trained run on its held-out data, or a recipe or preset with random weights and random tokens.</summary>
/// <remarks>The model computes in fp32 whatever it was trained in, as bf16 hides small leaks.</remarks>
internal sealed record ProbeSubject(MotModel Model, Vocabulary Vocabulary, Batch Batch, string Weights, string Tokens, AuxiliaryRouters? Routers = null) : IDisposable
{
    private const int DefaultRows = 4, DefaultRandomLength = 128;

    public void Dispose()
    {
        Model.Dispose();
        Routers?.Dispose();
    }

    /// <summary>Opens or builds what the command line names.</summary>
    /// <exception cref="MotException">There is nothing of that name, or options do not fit it.</exception>
    public static ProbeSubject Of(string name, ProbeOptions options, Device device) =>
        Directory.Exists(name) ? OfRun(name, options, device)
        : File.Exists(name) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? OfRecipe(RecipeFile.ReadTemplate(name, new Dictionary<string, string>()), options, device)
        : OfPreset(name, options, device);

    private static ProbeSubject OfRun(string folder, ProbeOptions options, Device device)
    {
        if (options.Architecture is { } other)
            throw new UsageException($"--architecture {other} does not go with a run, whose weights are trained; leave it out, or name a recipe or a preset");
        var run = RunFolder.Open(folder);
        var checkpoint = run.Checkpoints.Open(options.Checkpoint);
        var dataFolder = Path.Combine(options.Data ?? RunData.Of(run.Path), "tokens");
        using var data = PreparedData.Open(dataFolder);
        checkpoint.RequireTokenizers(data.Index.Tokenizer);
        var length = Math.Min(options.Length ?? run.Recipe.Training.SequenceLength, checkpoint.Config.MaxSequenceLength);
        var batch = options.RandomTokens ? RandomRows.Create(data.Vocabulary, options.Rows ?? DefaultRows, length, options.Seed)
            : data.ValidationBatches(options.Rows ?? DefaultRows, length, 1).FirstOrDefault() ?? throw new MotException($"{dataFolder} has no held-out documents; add --random-tokens");
        var model = checkpoint.LoadModel(device);
        var routers = run.Routers.Open(checkpoint, device);
        if (routers is not null)
            model.UseRouters(routers);
        return new(model, data.Vocabulary, batch, $"of step {checkpoint.State.Step}", options.RandomTokens ? "random" : "held out", routers);
    }

    private static ProbeSubject OfRecipe(Recipe recipe, ProbeOptions options, Device device)
    {
        var vocabulary = RecipeVocabulary.Of(recipe);
        var model = recipe.Model with { Architecture = options.Architecture ?? recipe.Model.Architecture };
        return Random(model.ToConfig(vocabulary, recipe.Training.SequenceLength), vocabulary, options, device);
    }

    private static ProbeSubject OfPreset(string name, ProbeOptions options, Device device)
    {
        var config = Architectures.Apply(options.Architecture ?? Architectures.Mot, ModelPresets.Get(name)).Validate();
        return Random(config, RandomRows.VocabularyOf(config), options, device);
    }

    private static ProbeSubject Random(MotConfig config, Vocabulary vocabulary, ProbeOptions options, Device device)
    {
        if (options.Data is not null)
            throw new UsageException("--data goes with a trained run; a recipe or a preset is probed with random tokens");
        using var generator = new Generator((ulong)options.Seed);
        var length = options.Length ?? Math.Min(DefaultRandomLength, config.MaxSequenceLength);
        return new(new(config, device, generator), vocabulary, RandomRows.Create(vocabulary, options.Rows ?? DefaultRows, length, options.Seed), "random", "random");
    }
}
