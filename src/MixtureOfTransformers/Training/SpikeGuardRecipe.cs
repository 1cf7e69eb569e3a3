using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>When a loss counts as a spike. The update of such a step is skipped; too many in a row stop the run.</summary>
public sealed record SpikeGuardRecipe
{
    /// <summary>Whether spikes are looked for. A loss that is not finite always stops the run.</summary><value>True.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Standard deviations above the mean of recent losses from which on a loss is a spike.</summary><value>6.</value>
    public double ZScore { get; init; } = 6;

    /// <summary>Recent losses that make up the mean; the guard starts when a quarter of them is there.</summary><value>128.</value>
    public int Window { get; init; } = 128;

    /// <summary>Spikes in a row that stop the run.</summary><value>8.</value>
    public int Patience { get; init; } = 8;

    /// <summary>These settings, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits.</exception>
    public SpikeGuardRecipe Validate()
    {
        if (!(ZScore > 0) || Window < 8 || Patience < 1)
            throw new ConfigException($"spike_guard needs z_score {ZScore} above 0, window {Window} of at least 8 and patience {Patience} of at least 1; set enabled to false to turn it off");
        return this;
    }
}
