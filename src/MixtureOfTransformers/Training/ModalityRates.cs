using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Learning rates by modality: each tower has that of its first modality; the embeddings, the head and what towers share have that of text, projections of image patches that of images.</summary>
internal static class ModalityRates
{
    /// <summary>The buffer cut where rates change.</summary>
    /// <param name="parameters">A model's.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="factors">Factor of the learning rate by modality; 1 for those that are not named.</param>
    /// <exception cref="ConfigException">The model has no such modality.</exception>
    public static ImmutableArray<ParameterRun> Of(FlatParameters parameters, MotConfig config, IReadOnlyDictionary<string, double> factors)
    {
        if (factors.Keys.FirstOrDefault(name => !config.Modalities.Contains(new ModalityId(name))) is { } unknown)
            throw new ConfigException($"learning_rate_factors names {unknown}, but the model's modalities are {string.Join(", ", config.Modalities)}");
        var runs = ImmutableArray.CreateBuilder<ParameterRun>();
        for (var i = 0; i < parameters.Segments.Length; i++)
        {
            var start = parameters.Segments[i].Offset;
            var end = i + 1 < parameters.Segments.Length ? parameters.Segments[i + 1].Offset : parameters.Values.shape[0];
            var factor = factors.GetValueOrDefault(config.Modalities[ModalityOf(parameters.Segments[i].Name, config)].Name, 1);
            if (runs.Count > 0 && runs[^1].RateFactor == factor)
                runs[^1] = runs[^1] with { Length = end - runs[^1].Start };
            else
                runs.Add(new(start, end - start, factor));
        }
        return runs.ToImmutable();
    }

    private static int ModalityOf(string name, MotConfig config)
    {
        if (name.StartsWith("patches.", StringComparison.Ordinal))
            return config.Modalities.IndexOf(ModalityId.Image);
        return UntiedName.TowerOf(name) is { } tower ? config.EffectiveTowers.IndexOf(tower) : 0;
    }
}
