using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What a comparison does, fixed at its beginning but for seeds that are added, and kept as <c>plan.json</c>, so that one that is stopped and started again ends with the same
/// losses.</summary>
public sealed record ComparisonPlan
{
    private const string FileName = "plan.json";

    /// <summary>What was asked for, in full.</summary>
    public required CompareRecipe Recipe { get; init; }

    /// <summary>Steps of each run.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps of each short run of the learning-rate sweep; 0 without one.</summary>
    public required long SweepSteps { get; init; }

    /// <summary>Runs that train at the same time.</summary>
    public required int Workers { get; init; }

    /// <summary>Threads of torch for each of them.</summary>
    public required int Threads { get; init; }

    /// <summary>What is trained on; null in a plan of an earlier version until it is run again.</summary>
    public PlannedData? Data { get; init; }

    /// <summary>Kind of device that is trained on, such as <c>cpu</c> or <c>cuda</c>; null in a plan of an earlier version until it is run again.</summary>
    public string? Device { get; init; }

    /// <summary>After which steps the runs are validated.</summary>
    internal ImmutableArray<long> EvaluationSteps => Comparing.EvaluationSteps.Of(Steps, Recipe.Evaluations);

    /// <summary>Steps that one point of a training curve is the mean of.</summary>
    internal long Stretch => Math.Max(1, Steps / 200);

    /// <summary>A plan for this machine.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="steps">Steps of each run.</param>
    /// <exception cref="ConfigException">The steps do not suffice for the warm-up.</exception>
    internal static ComparisonPlan Of(CompareRecipe recipe, long steps)
    {
        recipe.RequireWarmup(steps);
        return Unlimited(recipe) with { Steps = steps, SweepSteps = recipe.SweepStepsOf(steps) };
    }

    /// <summary>A plan for this machine whose steps are not known yet.</summary>
    internal static ComparisonPlan Unlimited(CompareRecipe recipe)
    {
        var workers = Math.Min(recipe.Architectures.Length, Environment.ProcessorCount);
        return new() { Recipe = recipe, Steps = long.MaxValue, SweepSteps = 0, Workers = workers, Threads = Environment.ProcessorCount / workers };
    }

    /// <summary>The recipe of one run.</summary>
    /// <param name="architecture">Which contender.</param>
    /// <param name="seed">Of weights and data order.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    /// <param name="steps">Steps of the run.</param>
    internal Recipe RunOf(ComparedArchitecture architecture, long seed, double learningRate, long steps) => Recipe.Recipe with
    {
        Name = architecture.Name,
        Seed = seed,
        Model = architecture.Of(Recipe.Recipe.Model),
        Training = Recipe.Recipe.Training with { Steps = steps, LearningRate = learningRate, KeepCheckpoints = 1 },
    };

    /// <summary>The plan in a folder, with the seeds that are new in a recipe behind its own; null where there is none.</summary>
    /// <exception cref="MotException">It is that of another recipe; the message names the first difference.</exception>
    internal static ComparisonPlan? Read(string folder, CompareRecipe recipe)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        var plan = JsonFile.Read(path, CompareJson.Default.ComparisonPlan);
        var (before, now) = (plan.Recipe.AllSeeds, recipe.AllSeeds);
        if (RecipeDifference.First(Json(plan.Recipe with { Seeds = before }), Json(recipe with { Seeds = before })) is { } difference)
            throw new MotException($"the comparison in {folder} was started with another recipe: {difference}; put it back, or name a new folder. Seeds can be added to it, but all its runs have {plan.Steps} steps");
        return plan with { Recipe = plan.Recipe with { Seeds = [.. before.Union(now)] } };
    }

    /// <summary>This plan for some of its seeds alone; its sweep stays that of the whole.</summary>
    internal ComparisonPlan For(IEnumerable<long> seeds) => this with { Recipe = Recipe with { Seeds = [.. Recipe.AllSeeds.Intersect(seeds)], SweepSeed = Recipe.SweepSeed ?? Recipe.AllSeeds[0] } };

    /// <summary>This plan, on a kind of device from now on.</summary>
    /// <param name="device">The device.</param>
    /// <param name="folder">Of the comparison.</param>
    /// <exception cref="MotException">It is on another.</exception>
    internal ComparisonPlan On(Device device, string folder)
    {
        var kind = device.type.ToString().ToLowerInvariant();
        return Device is null || Device == kind ? this with { Device = kind }
            : throw new MotException($"the comparison in {folder} is on {Device}, and here the device is {kind}: its losses and seconds would not compare; give --device {Device}, or name a new folder");
    }

    /// <summary>This plan, on this data from now on.</summary>
    /// <param name="data">What was prepared.</param>
    /// <param name="folder">Of the comparison.</param>
    /// <exception cref="MotException">It is on other data.</exception>
    internal ComparisonPlan On(PlannedData data, string folder) =>
        Data is null || (Data.Tokenizers == data.Tokenizers && Data.Hash == data.Hash) ? this with { Data = Data ?? data }
            : throw new MotException($"the comparison in {folder} was made with the data in {Path.Combine(folder, Data.Folder)} ({(Data.Tokenizers == data.Tokenizers ? $"hash {Short(Data.Hash)}" : $"tokenizers {Short(Data.Tokenizers)}")}), "
                + $"and that in {Path.Combine(folder, data.Folder)} is other ({(Data.Tokenizers == data.Tokenizers ? $"hash {Short(data.Hash)}" : $"tokenizers {Short(data.Tokenizers)}")}): their losses would not compare; give --data {Path.Combine(folder, Data.Folder)} with what was there, or name a new folder");

    /// <summary>Keeps the plan.</summary>
    internal void Write(string folder) => JsonFile.Write(Path.Combine(folder, FileName), this, CompareJson.Default.ComparisonPlan);

    private static string Short(string hash) => hash[..Math.Min(8, hash.Length)];

    private static JsonNode? Json(CompareRecipe recipe) => JsonSerializer.SerializeToNode(recipe with { Recipe = recipe.Recipe.Explicit }, CompareJson.Default.CompareRecipe);
}
