using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>JSON shapes of what a comparison reads and keeps.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CompareRecipe))]
[JsonSerializable(typeof(ComparedArchitectureConverter.Fields))]
[JsonSerializable(typeof(ComparisonPlan))]
[JsonSerializable(typeof(LearningRateTrial))]
[JsonSerializable(typeof(Divergence))]
[JsonSerializable(typeof(CausalResult))]
[JsonSerializable(typeof(ImageResult))]
[JsonSerializable(typeof(ImageQuality))]
internal sealed partial class CompareJson : JsonSerializerContext;
