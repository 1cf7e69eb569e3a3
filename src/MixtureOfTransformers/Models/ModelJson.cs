using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Models;

/// <summary>JSON shape of <see cref="MotConfig"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(MotConfig))]
internal sealed partial class ModelJson : JsonSerializerContext;
