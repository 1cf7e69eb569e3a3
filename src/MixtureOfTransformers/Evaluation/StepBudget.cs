using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Turns a time budget into a number of steps that is the same for every architecture, by timing a few steps of each on throw-away models.</summary>
public static class StepBudget
{
    private const int WarmupSteps = 3;
    private const int TimedSteps = 8;

    /// <summary>Steps per architecture that fit.</summary>
    /// <param name="recipe">Shape and training.</param>
    /// <param name="architectures">All that share the budget.</param>
    /// <param name="data">Prepared data.</param>
    /// <param name="device">Where to train.</param>
    /// <param name="budget">Wall-clock time for all of them together, validations included.</param>
    /// <param name="validations">How often each is validated.</param>
    /// <param name="time">The clock.</param>
    /// <returns>At least <paramref name="validations"/> steps.</returns>
    public static long Measure(Recipe recipe, IReadOnlyList<Architecture> architectures, PreparedData data, Device device, TimeSpan budget, int validations, TimeProvider time)
    {
        var training = recipe.Training with { Minutes = null, Steps = WarmupSteps + TimedSteps, WarmupSteps = null };
        var batches = data.ValidationBatches(training.BatchRows, training.SequenceLength, training.ValidationBatches).ToArray();
        var (perStep, perValidation) = (0.0, 0.0);
        foreach (var architecture in architectures)
        {
            using var model = (recipe.Model with { Architecture = architecture }).Build(data.Vocabulary, training, recipe.Seed, device);
            using var session = new TrainingSession(model, training, new PackedStream(data.Train, training.BatchRows, training.SequenceLength, recipe.Seed), time);
            var times = new List<double>();
            for (var i = 0; i < WarmupSteps + TimedSteps; i++)
            {
                var before = session.Seconds;
                session.Step();
                times.Add(session.Seconds - before);
            }
            perStep += times.Skip(WarmupSteps).Order().ElementAt(TimedSteps / 2);
            var start = time.GetTimestamp();
            new Validation(batches).Measure(model);
            perValidation += time.GetElapsedTime(start).TotalSeconds;
        }
        return Math.Max(validations, (long)((budget.TotalSeconds - (perValidation * (validations + 1))) / perStep));
    }
}
