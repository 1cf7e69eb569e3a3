using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot generate</c> made.</summary>
internal sealed record GenerationReport
{
    public IReadOnlyList<string> Captions { get; init; } = [];
    public string? Text { get; init; }
    public IReadOnlyList<string> Files { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(GenerationReport))]
internal sealed partial class GenerationJson : JsonSerializerContext;
