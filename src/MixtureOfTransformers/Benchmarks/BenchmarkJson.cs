using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>JSON shape of <see cref="BenchmarkReport"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BenchmarkReport))]
internal sealed partial class BenchmarkJson : JsonSerializerContext;
