using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Data;

/// <summary>JSON shape of <see cref="DataRecipe"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(DataRecipe))]
internal sealed partial class DataJson : JsonSerializerContext;
