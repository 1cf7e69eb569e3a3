using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>JSON shape of <see cref="ComparisonStudy"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ComparisonStudy))]
internal sealed partial class StudyJson : JsonSerializerContext;
