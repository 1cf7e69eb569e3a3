using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>What a folder of prepared data holds; written as <c>prepared.json</c>.</summary>
public sealed record PreparedIndex
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "prepared.json";

    /// <summary>The version that this program reads and writes. It rises whenever the same recipe would give other shards.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the folder's layout.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Identifies recipe, tokenizers and inputs: data with the same hash is the same.</summary>
    public required string Hash { get; init; }

    /// <summary>The recipe that was followed.</summary>
    public required DataRecipe Recipe { get; init; }

    /// <summary>The fingerprint of the tokenizers.</summary>
    public required string Tokenizer { get; init; }

    /// <summary>The joint vocabulary of the ids.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>The training data.</summary>
    public required PreparedSide Train { get; init; }

    /// <summary>The validation data.</summary>
    public required PreparedSide Validation { get; init; }

    /// <summary>Documents that were skipped.</summary>
    public required int ProblemCount { get; init; }

    /// <summary>The first of them.</summary>
    public required ImmutableArray<ReadProblem> Problems { get; init; }
}
