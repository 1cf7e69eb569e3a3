using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How the learning rates were chosen.</summary>
internal static class SweepTable
{
    public static ReportTable Of(ComparisonStudy study)
    {
        var rates = study.Sweep.Select(t => t.LearningRate).Distinct().Order().ToArray();
        var architectures = study.Architectures.Where(a => study.Sweep.Any(t => t.Architecture == a)).ToArray();
        return new("Learning rates tried; the chosen one of each model is marked",
        [
            new("Model", "The architecture.", IsNumber: false),
            new("Steps", "Optimizer steps of each trial."),
            .. rates.Select(r => new TableColumn(Rate(r), $"Loss after a trial with the peak learning rate {Rate(r)}, in nats per token; ✓ marks the one that was chosen.")),
        ],
        [.. architectures.Select(a => study.Sweep.Where(t => t.Architecture == a).ToArray()).Select(trials => (System.Collections.Immutable.ImmutableArray<TableCell>)
        [
            new(ArchitectureNames.Label(trials[0].Architecture)),
            new(string.Join(" / ", trials.Select(t => t.Steps).Distinct().Order().Select(s => ReportNumbers.Exact(s)))),
            .. rates.Select(r => Cell(trials.FirstOrDefault(t => t.LearningRate == r))),
        ])]);
    }

    private static TableCell Cell(LearningRateTrial? trial) => trial is null ? new("-") : new(
        (double.IsFinite(trial.Loss) ? ReportNumbers.Loss(trial.Loss) : ReportNumbers.Diverged) + (trial.Chosen ? " ✓" : ""),
        string.Join(", ", trial.ModalityLoss.Select(l => $"{l.Key} {SpreadText.InFull(l.Value)}")), trial.Chosen);

    private static string Rate(double rate) => rate.ToString("0.######", CultureInfo.InvariantCulture);
}
