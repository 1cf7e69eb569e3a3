using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Batching;

/// <summary>JSON shape of <see cref="PreparedIndex"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(PreparedIndex))]
internal sealed partial class BatchingJson : JsonSerializerContext;
