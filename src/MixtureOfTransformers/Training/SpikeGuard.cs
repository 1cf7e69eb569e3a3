using MixtureOfTransformers.Checkpoints;

namespace MixtureOfTransformers.Training;

/// <summary>Tells sudden rises of the loss from its usual noise, by how many standard deviations it lies above the mean of recent losses.</summary>
/// <param name="recipe">The limits.</param>
public sealed class SpikeGuard(SpikeGuardRecipe recipe)
{
    private const double SmallestRelativeDeviation = 0.01; // a loss that hardly moves would make noise look like spikes

    /// <summary>The guard's memory, for checkpoints.</summary>
    public SpikeStatistics Statistics { get; set; } = new();

    /// <summary>Judges the loss of a step before its update.</summary>
    /// <param name="loss">Finite, in nats.</param>
    /// <returns>Whether the update should be made; the loss of a spike is not remembered.</returns>
    public bool Accepts(double loss)
    {
        if (!recipe.Enabled)
            return true;
        if (IsSpike(loss))
        {
            Statistics = Statistics with { SkippedInARow = Statistics.SkippedInARow + 1 };
            return false;
        }
        var recent = Statistics.Losses.Length < recipe.Window ? Statistics.Losses : Statistics.Losses.RemoveAt(0);
        Statistics = new() { Losses = recent.Add(loss) };
        return true;
    }

    /// <summary>Whether the last spikes in a row are as many as the recipe allows.</summary>
    public bool IsExhausted => Statistics.SkippedInARow >= recipe.Patience;

    /// <summary>Mean of recent losses, in nats.</summary>
    public double Mean => Statistics.Losses.IsEmpty ? 0 : Statistics.Losses.Average();

    private bool IsSpike(double loss)
    {
        var losses = Statistics.Losses;
        if (losses.Length * 4 < recipe.Window)
            return false;
        var mean = Mean;
        var deviation = Math.Sqrt(losses.Sum(l => (l - mean) * (l - mean)) / losses.Length);
        return loss - mean > recipe.ZScore * Math.Max(deviation, SmallestRelativeDeviation * Math.Abs(mean));
    }
}
