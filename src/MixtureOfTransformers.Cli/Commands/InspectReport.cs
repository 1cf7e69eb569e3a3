using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>What <c>mot inspect</c> tells: sizes and costs from the configuration alone.</summary>
internal sealed record InspectReport
{
    public required string Model { get; init; }
    public required ImmutableArray<string> Modalities { get; init; }
    public required int Towers { get; init; }
    [JsonIgnore]
    public MotConfig Shape { get; init; } = null!;

    public JsonElement Config => JsonSerializer.SerializeToElement(Shape, ModelJson.Default.MotConfig);
    public required long Parameters { get; init; }
    public required long ActivatedParameters { get; init; }
    public required long EmbeddingParameters { get; init; }
    public required long NonEmbeddingParameters { get; init; }
    public required int SequenceLength { get; init; }
    public required InspectFlops FlopsPerToken { get; init; }

    public static InspectReport Of(string name, MotConfig config, int length)
    {
        var count = ParameterCount.Of(config);
        var causal = Flops.PerTokenCausal(config, length);
        return new()
        {
            Model = name,
            Modalities = [.. config.Modalities.Select(m => m.Name)],
            Towers = config.TowerCount,
            Shape = config,
            Parameters = count.Total,
            ActivatedParameters = count.Activated,
            EmbeddingParameters = count.Embeddings,
            NonEmbeddingParameters = count.NonEmbedding,
            SequenceLength = length,
            FlopsPerToken = new(causal.Projections, causal.Attention, causal.Head, causal.Forward, Flops.PerTokenFull(config, length).Forward, causal.Training),
        };
    }
}

/// <summary>Matmul FLOPs per token; attention is causal but in <paramref name="ForwardFullAttention"/>.</summary>
internal sealed record InspectFlops(double Projections, double Attention, double Head, double Forward, double ForwardFullAttention, double Training);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(InspectReport))]
internal sealed partial class InspectJson : JsonSerializerContext;
