using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Training;

/// <summary>Sums of losses and targets by modality, on the host.</summary>
/// <param name="sums">Losses, summed, by modality index.</param>
/// <param name="counts">Targets by modality index.</param>
internal sealed class LossTally(double[] sums, long[] counts)
{
    /// <summary>All targets.</summary>
    public long Targets => counts.Sum();

    /// <summary>Mean by modality, without modalities that have no target.</summary>
    public IReadOnlyDictionary<string, double> PerModality(IReadOnlyList<ModalityId> modalities)
    {
        var means = new OrderedDictionary<string, double>();
        for (var m = 0; m < modalities.Count; m++)
            if (counts[m] > 0)
                means.Add(modalities[m].Name, sums[m] / counts[m]);
        return means;
    }
}
