using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Training;

/// <summary>JSON shapes of <see cref="Recipe"/> and <see cref="RunStarts"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(RunStarts))]
internal sealed partial class RecipeJson : JsonSerializerContext;
