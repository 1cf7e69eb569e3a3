using System.Globalization;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Tells of the steps of several runs, from any thread: how many there are, and the last loss of each architecture.</summary>
/// <param name="report">Told of the steps so far, with a few words.</param>
internal sealed class LossDisplay(Action<double, string?> report)
{
    private readonly Lock _lock = new();
    private readonly OrderedDictionary<string, double> _losses = [];
    private long _steps;

    /// <summary>A run made a step.</summary>
    public void Stepped(string architecture, StepMetrics step)
    {
        lock (_lock)
        {
            _losses[architecture] = step.Loss;
            report(++_steps, string.Join("  ", _losses.Select(l => string.Create(CultureInfo.InvariantCulture, $"{ArchitectureNames.Label(l.Key)} {l.Value:0.000}"))));
        }
    }
}
