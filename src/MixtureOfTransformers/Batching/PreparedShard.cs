namespace MixtureOfTransformers.Batching;

/// <summary>A shard as listed in <c>prepared.json</c>.</summary>
public sealed record PreparedShard
{
    /// <summary>File name within the folder.</summary>
    public required string File { get; init; }

    /// <summary>Tokens in the shard.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Documents in the shard.</summary>
    public required long DocumentCount { get; init; }

    /// <summary>SHA-256 of the file, in lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }
}
