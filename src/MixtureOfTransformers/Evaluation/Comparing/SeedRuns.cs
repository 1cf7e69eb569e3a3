using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>The runs of one seed: they take turns from evaluation to evaluation, in an order that changes, so that a noisy machine treats all alike.</summary>
/// <param name="plan">What to do.</param>
/// <param name="seed">Of all of them.</param>
/// <param name="rates">Peak learning rate by architecture.</param>
/// <param name="folder">Of the comparison.</param>
/// <param name="dataFolder">Of the prepared data.</param>
/// <param name="data">What to train on.</param>
/// <param name="options">Where and how.</param>
internal sealed class SeedRuns(ComparisonPlan plan, long seed, IReadOnlyDictionary<string, double> rates, string folder, string dataFolder, ComparedData data, ComparisonOptions options)
{
    /// <summary>Trains what is not finished.</summary>
    public void Train(CancellationToken cancellation)
    {
        var left = plan.Recipe.Architectures.Select(a => (Path: Comparison.RunPath(folder, seed, a.Name), Recipe: plan.RunOf(a, seed, rates[a.Name], plan.Steps)))
            .Where(run => !RunCurves.IsFinished(run.Path, run.Recipe)).ToList();
        if (left.Count == 0)
            return;
        var runs = new List<ComparedRun>();
        try
        {
            foreach (var (path, recipe) in left)
                runs.Add(new(path, recipe, data, EnvironmentOf(path), options.SaveEvery));
            var names = string.Join(", ", runs.Select(r => ArchitectureNames.Label(r.Name)));
            options.Stages.Run($"Training {names}, seed {seed}", runs.Sum(r => plan.Steps - r.StepCount), report =>
            {
                Train(runs, new(report), cancellation);
                return true;
            });
        }
        finally
        {
            runs.ForEach(r => r.Dispose());
        }
    }

    private void Train(List<ComparedRun> runs, LossDisplay display, CancellationToken cancellation)
    {
        var evaluations = plan.EvaluationSteps;
        for (var slice = 0; slice < evaluations.Length; slice++)
        {
            var (start, end) = (evaluations[Math.Max(0, slice - 1)], evaluations[slice]);
            SideBySide.Run([.. RoundOrder.Of(runs.Count, slice).Select(i => (Action<CancellationToken>)(stop => runs[i].Advance(start, end, plan.Stretch, display.Stepped, stop)))],
                plan.Workers, plan.Threads, cancellation);
        }
    }

    private RunEnvironment EnvironmentOf(string run) => RunEnvironment.Capture(options.CommandLine, seed, 0, options.Time) with
    {
        Threads = plan.Threads,
        Data = PlannedData.PathFrom(run, folder, dataFolder),
    };
}
