using System.Collections.Immutable;

namespace MixtureOfTransformers.Batching;

/// <summary>Training or validation data as listed in <c>prepared.json</c>.</summary>
public sealed record PreparedSide
{
    /// <summary>The files, in order.</summary>
    public required ImmutableArray<PreparedShard> Shards { get; init; }

    /// <summary>Documents in all shards.</summary>
    public required long DocumentCount { get; init; }

    /// <summary>Tokens in all shards.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Tokens of each modality, by its name; special tokens count as the modality they are labelled with.</summary>
    public required ImmutableSortedDictionary<string, long> TokenCounts { get; init; }
}
