using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Training;

/// <summary>JSON shapes of <see cref="Recipe"/>, <see cref="RunStarts"/> and <see cref="TokenizerOrigin"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Recipe))]
[JsonSerializable(typeof(RunStarts))]
[JsonSerializable(typeof(TokenizerOrigin))]
internal sealed partial class RecipeJson : JsonSerializerContext;
