using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>JSON shape of <see cref="AnalysisReport"/>; on one line, as thousands of points would be most of the lines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AnalysisReport))]
internal sealed partial class AnalysisJson : JsonSerializerContext;
