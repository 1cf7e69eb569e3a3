using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>JSON shape of <see cref="ComparisonReport"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true)]
[JsonSerializable(typeof(ComparisonReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
