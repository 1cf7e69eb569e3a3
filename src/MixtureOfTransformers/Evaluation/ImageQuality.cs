using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well models draw and describe, on held-out images with captions, beside what the data themselves give.</summary>
public sealed record ImageQuality
{
    /// <summary>Held-out images; as many are drawn by each model, from their captions, and described.</summary>
    public required int Count { get; init; }

    /// <summary>What the Fréchet distance is measured in.</summary>
    public required string Features { get; init; }

    /// <summary>What the caption score is measured by.</summary><value>Null: two small networks that were trained on the data.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Judge { get; init; }

    /// <summary>Words of the longest stretches in BLEU: 4, or as many as the longest held-out caption has.</summary>
    public required int BleuOrder { get; init; }

    /// <summary>As many images of the training side: the distance that real images have.</summary>
    public required ImageScores Training { get; init; }

    /// <summary>The held-out images with their own captions.</summary>
    public required ImageScores HeldOut { get; init; }

    /// <summary>The held-out images with each other's captions.</summary>
    public required ImageScores Shuffled { get; init; }

    /// <summary>The models.</summary>
    public ImmutableArray<ModelImageQuality> Models { get; init; } = [];
}
