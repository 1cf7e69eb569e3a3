using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>JSON shapes of the files of a checkpoint.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CheckpointState))]
[JsonSerializable(typeof(CheckpointChecksums))]
[JsonSerializable(typeof(CheckpointIndex))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
