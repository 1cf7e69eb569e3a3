using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Cli;

/// <summary>JSON shape of the files beside a CLIP.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(ClipPreprocessor))]
internal sealed partial class ClipJson : JsonSerializerContext;
