using System.Collections.Immutable;
using System.Globalization;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What a reader must know to judge the numbers of a comparison.</summary>
internal static class ComparisonNotes
{
    /// <summary>Plain sentences.</summary>
    /// <param name="plan">What was done.</param>
    /// <param name="data">What was trained on.</param>
    /// <param name="sweep">The learning rates that were tried.</param>
    public static IEnumerable<string> Of(ComparisonPlan plan, ComparedData data, ImmutableArray<LearningRateTrial> sweep)
    {
        var (recipe, training) = (plan.Recipe, plan.Recipe.Recipe.Training);
        var rate = sweep.IsEmpty ? $"the learning rate {Text(recipe.PlainRate)} for all, which was not tuned here"
            : $"for each the learning rate that was best for it among {string.Join(", ", recipe.SweptRates.Order().Select(Text))} in runs of {plan.SweepSteps} steps with seed {recipe.SweepSeed ?? recipe.AllSeeds[0]}";
        yield return $"All runs of a seed have the same data in the same order, the same batch of {training.TokensPerStep} tokens and the same schedule, and {rate}. They advance in turns, {plan.Workers} at a time with {plan.Threads} {(plan.Threads == 1 ? "thread" : "threads")} each; evaluation and saving are not in their seconds.";
        yield return $"Validation losses are measured on {data.Validation.TargetCount} held-out tokens after {plan.EvaluationSteps.Length - 1} of the {plan.Steps} steps; a point of a training curve is the mean of {(plan.Stretch == 1 ? "one step" : $"{plan.Stretch} steps")}.";
        if (training.Schedule != ScheduleKind.Constant)
            yield return "The learning rate falls towards the end of the run, and with it every loss: the last losses of the baseline are reached late by whatever is a little better, so shares at the end are nearer to 1 than they are at a constant rate.";
        var choosing = recipe.Choosing(data.Prepared.Data.Vocabulary).Select(a => ArchitectureNames.Label(a.Name)).ToArray();
        if (choosing.Length > 0)
            yield return $"{string.Join(" and ", choosing)} {(choosing.Length == 1 ? "decides" : "decide")} among all tokens of a batch, later ones too, which of them experts process or which pass a layer: in training and in the losses of the curves, as in the papers. "
                + (recipe.RouterSteps > 0 ? $"“Causal loss” is that of the same weights where auxiliary routers decide token by token, trained for {recipe.RouterSteps} steps after the run; this is what generation can have." : "Without the choice of later tokens the losses are others (mot train-routers, then mot evaluate, show both).");
        foreach (var note in EdgeNotes(sweep))
            yield return note;
    }

    /// <summary>A sentence about the seeds of a comparison that were not asked for.</summary>
    public static IEnumerable<string> Hidden(IReadOnlyCollection<long> seeds) => seeds.Count == 0 ? []
        : [$"The folder also holds runs with {(seeds.Count == 1 ? "seed" : "seeds")} {string.Join(", ", seeds)}, which are in no number here; name {(seeds.Count == 1 ? "it" : "them")} among the seeds to show {(seeds.Count == 1 ? "it" : "them")} too."];

    /// <summary>A sentence for each run that diverged.</summary>
    public static IEnumerable<string> Diverged(IEnumerable<ArchitectureRun> runs) => runs.Where(r => r.Divergence is not null)
        .Select(r => $"{ArchitectureNames.Label(r.Architecture)} diverged with seed {r.Seed}, and that run is in no mean: {r.Divergence!.Reason}.");

    /// <summary>A sentence for each run that has no causal loss though it chooses among tokens.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="folder">Of the comparison.</param>
    public static IEnumerable<string> NotCausal(IEnumerable<ArchitectureRun> runs, string folder) => runs.Where(r => r.Divergence is null)
        .Select(r => (Run: r, CausalRuns.Read(Comparison.RunPath(folder, r.Seed, r.Architecture))?.Problem)).Where(r => r.Problem is not null)
        .Select(r => $"No causal loss of {ArchitectureNames.Label(r.Run.Architecture)} with seed {r.Run.Seed}: {r.Problem}.");

    /// <summary>A sentence for the architectures whose trials all diverged, and one for those whose best rate is the lowest or highest that was tried.</summary>
    internal static IEnumerable<string> EdgeNotes(IReadOnlyList<LearningRateTrial> sweep)
    {
        var trials = sweep.GroupBy(t => t.Architecture).ToLookup(g => g.Any(t => double.IsFinite(t.Loss)));
        foreach (var lost in trials[false])
            yield return $"Every learning rate that {ArchitectureNames.Label(lost.Key)} tried diverged; it was trained with the lowest, {Text(lost.Single(t => t.Chosen).LearningRate)}. Give lower learning_rates.";
        foreach (var (edge, more, pick) in (IEnumerable<(string, string, Func<IEnumerable<double>, double>)>)[("highest", "higher", Enumerable.Max), ("lowest", "lower", Enumerable.Min)])
        {
            var there = trials[true].Where(g => g.Single(t => t.Chosen).LearningRate is var chosen && chosen == pick(g.Select(t => t.LearningRate)))
                .Select(g => $"{ArchitectureNames.Label(g.Key)} ({Text(g.Single(t => t.Chosen).LearningRate)})").ToArray();
            if (there.Length > 0)
                yield return $"The best learning rate of {string.Join(", ", there)} is the {edge} that was tried: a still {more} one may be better.";
        }
    }

    private static string Text(double rate) => rate.ToString("R", CultureInfo.InvariantCulture);
}
