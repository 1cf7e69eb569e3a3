using System.Collections.Immutable;
using System.Globalization;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Short runs of every architecture with the same learning rates; each architecture is then trained with its best. A result is one small file, so that a sweep that
/// is stopped goes on.</summary>
/// <param name="plan">What to try.</param>
/// <param name="folder">Where the results are kept.</param>
/// <param name="data">What to train on.</param>
internal sealed class LearningRateSweep(ComparisonPlan plan, string folder, ComparedData data)
{
    private readonly ImmutableArray<(ComparedArchitecture Architecture, double Rate)> _trials =
        [.. plan.Recipe.SweptRates.SelectMany(rate => plan.Recipe.Architectures.Select(architecture => (architecture, rate)))];

    /// <summary>Steps that are left to do.</summary>
    public long StepsLeft => plan.SweepSteps * Missing.Length;

    private ImmutableArray<(ComparedArchitecture Architecture, double Rate)> Missing => [.. _trials.Where(t => !File.Exists(PathOf(t.Architecture.Name, t.Rate)))];

    /// <summary>Makes the runs that are missing.</summary>
    /// <param name="stepped">Told of every step, on the thread that made it.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public void Run(Action<string, StepMetrics> stepped, CancellationToken cancellation) =>
        SideBySide.Run([.. Missing.Select(t => (Action<CancellationToken>)(stop => Run(t.Architecture, t.Rate, stepped, stop)))], plan.Workers, plan.Threads, cancellation);

    /// <summary>All results, by architecture; the best of each is marked.</summary>
    public ImmutableArray<LearningRateTrial> Results()
    {
        var trials = _trials.Select(t => JsonFile.Read(PathOf(t.Architecture.Name, t.Rate), CompareJson.Default.LearningRateTrial)).ToArray();
        return [.. plan.Recipe.Architectures.SelectMany(a => Marked([.. trials.Where(t => t.Architecture == a.Name).OrderBy(t => t.LearningRate)]))];
    }

    /// <summary>The lowest loss; of equals, and where all diverged, the lowest rate.</summary>
    /// <param name="trials">Those of one architecture by rising rate.</param>
    internal static IEnumerable<LearningRateTrial> Marked(ImmutableArray<LearningRateTrial> trials)
    {
        var best = trials.Where(t => double.IsFinite(t.Loss)).MinBy(t => t.Loss) ?? trials[0];
        return trials.Select(t => t with { Chosen = ReferenceEquals(t, best) });
    }

    private void Run(ComparedArchitecture architecture, double rate, Action<string, StepMetrics> stepped, CancellationToken cancellation)
    {
        var seed = plan.Recipe.SweepSeed ?? plan.Recipe.AllSeeds[0];
        using var model = data.Model(plan.RunOf(architecture, seed, rate, plan.SweepSteps));
        ValidationLoss? loss = null;
        try
        {
            while (!model.Session.IsComplete)
            {
                cancellation.ThrowIfCancellationRequested();
                stepped(architecture.Name, model.Session.Step());
            }
            loss = data.Validation.Measure(model.Session.Model, cancellation);
        }
        catch (DivergedException)
        {
            // A rate that is too high: its loss is infinite.
        }
        var losses = (loss?.ModalityLoss ?? new Dictionary<string, double>()).ToImmutableSortedDictionary();
        JsonFile.Write(PathOf(architecture.Name, rate), new()
        {
            Architecture = architecture.Name,
            LearningRate = rate,
            Steps = plan.SweepSteps,
            ModalityLoss = losses,
            Loss = losses.IsEmpty || !losses.Values.All(double.IsFinite) ? double.PositiveInfinity : losses.Values.Average(),
            Chosen = false, // told once all are known
        }, CompareJson.Default.LearningRateTrial);
    }

    private string PathOf(string architecture, double rate) => Path.Combine(folder, $"{architecture}-{Text(rate)}.json");

    private static string Text(double rate) => rate.ToString("R", CultureInfo.InvariantCulture);
}
