namespace MixtureOfTransformers.Training;

/// <summary>The learning rate as a pure function of the step: a straight warm-up, then <paramref name="Kind"/>.</summary>
/// <param name="Kind">The shape after the warm-up.</param>
/// <param name="Peak">The rate at the end of the warm-up.</param>
/// <param name="Minimum">The rate at the last step and after it.</param>
/// <param name="WarmupSteps">Steps to reach the peak; null for a twentieth of all steps.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, double Peak, double Minimum, double? WarmupSteps)
{
    private const double DefaultWarmupShare = 0.05;
    private const double DecayShare = 0.2;

    /// <summary>The rate of one step.</summary>
    /// <param name="step">The step, counted from 0. The first step of a warm-up of n already has 1/n of the peak.</param>
    /// <param name="totalSteps">Steps of the whole run; a projection will do where the budget is time.</param>
    public double At(double step, double totalSteps)
    {
        var warmup = WarmupSteps ?? (DefaultWarmupShare * totalSteps);
        if (step + 1 < warmup)
            return Peak * (step + 1) / warmup;
        return Minimum + ((Peak - Minimum) * Share(step, warmup, totalSteps));
    }

    /// <summary>What is left of the way from the minimum to the peak, 1 to 0.</summary>
    private double Share(double step, double warmup, double totalSteps)
    {
        var begin = Kind == ScheduleKind.WarmupStableDecay ? Math.Max(warmup, totalSteps * (1 - DecayShare)) : warmup;
        var progress = totalSteps <= begin ? step < totalSteps ? 0 : 1 : Math.Clamp((step - begin) / (totalSteps - begin), 0, 1);
        return Kind switch
        {
            ScheduleKind.Constant => 1,
            ScheduleKind.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => 1 - progress,
        };
    }
}
