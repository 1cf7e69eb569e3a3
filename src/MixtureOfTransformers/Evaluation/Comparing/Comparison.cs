using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Trains every architecture of a recipe with every seed on the same data in the same order, with the same batch and schedule and each with its best learning rate. Runs
/// of one seed advance in turns from evaluation to evaluation, as many side by side as there are processors.</summary>
/// <remarks>The folder holds <c>plan.json</c>, <c>data/</c>, <c>sweep/</c> and <c>runs/seedN/NAME/</c>, each of these a <see cref="RunFolder"/>. Killed at any moment and run again on the
/// same machine, it ends with the same losses; what is finished is read, not trained. Run with more seeds than before, it trains those too; run with fewer, it shows those alone, and the
/// other runs stay. A run that diverges is marked as that, and the
/// others go on.</remarks>
/// <param name="recipe">What to compare.</param>
/// <param name="folder">Where it is kept.</param>
/// <param name="options">Where and how.</param>
public sealed class Comparison(CompareRecipe recipe, string folder, ComparisonOptions options)
{
    internal const string DataName = "data";
    internal const string RunsName = "runs";

    private const string LockName = "compare.lock";
    private const double Reserve = 0.07; // of the minutes: for samples, the report, and slower seconds than those that were measured

    /// <summary>The folder of one run.</summary>
    /// <param name="folder">Of the comparison.</param>
    /// <param name="seed">Of the run.</param>
    /// <param name="architecture">Name of the contender.</param>
    public static string RunPath(string folder, long seed, string architecture) => Path.Combine(folder, RunsName, $"seed{seed}", architecture);

    /// <summary>Does what is left to do.</summary>
    /// <param name="cancellation">Stops at the next step; what is saved is taken up by the next call.</param>
    /// <exception cref="MotException">The folder is that of another recipe or in use, or the data cannot be used.</exception>
    public ComparisonOutcome Run(CancellationToken cancellation = default)
    {
        recipe.Validate();
        var start = options.Time.GetTimestamp();
        Directory.CreateDirectory(folder);
        using var taken = FolderLock.Take(folder, LockName, "comparing");
        var plan = ComparisonPlan.Read(folder, recipe);
        if (plan is null)
            ThrowUnlessNew();
        plan = plan?.On(options.Device, folder);
        var dataFolder = options.DataFolder ?? Path.Combine(folder, DataName);
        using var prepared = RecipePreparation.Run(recipe.Recipe, dataFolder, options.Stages, cancellation);
        var data = ComparedData.Of(prepared, recipe.Recipe.Training, options.Device, options.Time);
        foreach (var architecture in recipe.Architectures) // before anything is trained
            architecture.Of(recipe.Recipe.Model).ToConfig(prepared.Data.Vocabulary, recipe.Recipe.Training.SequenceLength);
        if (plan is { Data: null }) // of an earlier version
            CheckRuns(plan, prepared.Fingerprint);
        plan = (plan ?? NewPlan(data, start, cancellation).On(options.Device, folder)).On(PlannedData.Of(prepared, folder, dataFolder), folder);
        plan.Write(folder);
        var hidden = plan.Recipe.AllSeeds.Except(recipe.AllSeeds).ToArray();
        plan = plan.For(recipe.AllSeeds);
        var seeds = plan.Recipe.AllSeeds;
        var sweep = Sweep(plan, data, cancellation);
        var rates = recipe.Architectures.ToDictionary(a => a.Name, a => sweep.SingleOrDefault(t => t.Architecture == a.Name && t.Chosen)?.LearningRate ?? recipe.PlainRate);
        foreach (var seed in seeds)
            new SeedRuns(plan, seed, rates, folder, dataFolder, data, options).Train(cancellation);
        new CausalRuns(plan, folder, data, options).Measure(cancellation);
        var images = prepared.Data.Vocabulary.Modalities.Contains(ModalityId.Image) ? new ImageRuns(plan, folder, options).Measure(cancellation) : null;
        using var tokenizers = TokenizerSet.Open(prepared.TokenizersFolder);
        var samples = ComparisonSamples.Make(plan, folder, tokenizers, options, cancellation);
        ImmutableArray<ArchitectureRun> runs = [.. seeds.SelectMany(seed => recipe.Architectures.Select(a => RunCurves.Read(RunPath(folder, seed, a.Name), prepared.Data.Vocabulary)))];
        return new()
        {
            Plan = plan,
            Runs = runs,
            Sweep = sweep,
            Samples = samples.Samples,
            ImageTokenizer = samples.ImageTokenizer,
            Speech = samples.Speech,
            Images = images?.Quality,
            Notes = [.. ComparisonNotes.Of(plan, data, sweep), .. ComparisonNotes.Hidden(hidden), .. ComparisonNotes.Diverged(runs), .. ComparisonNotes.NotCausal(runs, folder), .. samples.Notes, .. images?.Notes ?? []],
        };
    }

    private void ThrowUnlessNew()
    {
        if (Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName).Any(name => name is not (DataName or LockName) && !name!.EndsWith(".tmp", StringComparison.Ordinal))) // a kill may leave such
            throw new MotException($"{folder} is not empty and holds no comparison; name a new folder");
    }

    /// <summary>Looks whether the runs that are there have these tokenizers.</summary>
    private void CheckRuns(ComparisonPlan plan, string tokenizers)
    {
        foreach (var run in plan.Recipe.AllSeeds.SelectMany(seed => recipe.Architectures.Select(a => RunPath(folder, seed, a.Name))).Where(RunFolder.Exists).Select(RunFolder.Open))
            if (run.Checkpoints.Latest is not null)
                run.Checkpoints.Open().RequireTokenizers(tokenizers);
    }

    private ComparisonPlan NewPlan(ComparedData data, long start, CancellationToken cancellation)
    {
        if (recipe.Minutes is not { } minutes)
            return ComparisonPlan.Of(recipe, recipe.Recipe.Training.TotalSteps!.Value);
        var speed = options.Stages.Run("Measuring the speed", 0, _ => MeasuredSpeed.Measure(ComparisonPlan.Unlimited(recipe), data, cancellation));
        var steps = speed.StepsIn(recipe, recipe.Choosing(data.Prepared.Data.Vocabulary).Length, (TimeSpan.FromMinutes(minutes) * (1 - Reserve)) - options.Time.GetElapsedTime(start));
        return steps >= recipe.Evaluations ? ComparisonPlan.Of(recipe, steps)
            : throw new ConfigException($"{minutes} minutes are time for {steps} steps of each run on this machine, after the data; a comparison with {recipe.Evaluations} evaluations needs as many: give more minutes, or a smaller model or fewer seeds");
    }

    private ImmutableArray<LearningRateTrial> Sweep(ComparisonPlan plan, ComparedData data, CancellationToken cancellation)
    {
        if (plan.SweepSteps == 0)
            return [];
        var sweep = new LearningRateSweep(plan, Path.Combine(folder, "sweep"), data);
        if (sweep.StepsLeft > 0)
            options.Stages.Run($"Trying {recipe.SweptRates.Length} learning rates", sweep.StepsLeft, report =>
            {
                var display = new LossDisplay(report);
                sweep.Run(display.Stepped, cancellation);
                return true;
            });
        return sweep.Results();
    }
}
