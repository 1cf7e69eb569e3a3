using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Means of the training losses over a stretch of steps: one line of metrics, one point of a curve.</summary>
/// <param name="session">The run, to count from its present step.</param>
internal sealed class StretchMean(TrainingSession session)
{
    private readonly OrderedDictionary<string, (double Sum, int Count)> _byModality = [];
    private (long Tokens, double Flops, double Seconds) _before = (session.Tokens, session.Flops, session.Seconds);
    private double _sum;
    private int _steps;
    private int _skipped;

    /// <summary>Takes in a step.</summary>
    public void Add(StepMetrics step)
    {
        (_sum, _steps, _skipped) = (_sum + step.Loss, _steps + 1, _skipped + (step.Skipped ? 1 : 0));
        foreach (var (modality, loss) in step.ModalityLoss)
            _byModality[modality] = _byModality.TryGetValue(modality, out var was) ? (was.Sum + loss, was.Count + 1) : (loss, 1);
    }

    /// <summary>The line of the steps since the last, which ends with <paramref name="last"/>; the next stretch begins.</summary>
    public TrainingMetrics Take(StepMetrics last)
    {
        var seconds = Math.Max(last.Seconds - _before.Seconds, 1e-9);
        var line = new TrainingMetrics
        {
            Step = last.Step,
            Tokens = last.Tokens,
            Flops = last.Flops,
            Seconds = last.Seconds,
            Loss = _sum / _steps,
            ModalityLoss = new OrderedDictionary<string, double>(_byModality.Select(m => KeyValuePair.Create(m.Key, m.Value.Sum / m.Value.Count))),
            LearningRate = last.LearningRate,
            GradNorm = last.GradNorm,
            TokensPerSecond = (last.Tokens - _before.Tokens) / seconds,
            Gflops = (last.Flops - _before.Flops) / seconds / 1e9,
            SkippedUpdates = _skipped,
        };
        _byModality.Clear();
        (_sum, _steps, _skipped, _before) = (0, 0, 0, (last.Tokens, last.Flops, last.Seconds));
        return line;
    }
}
