using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Runtime;

/// <summary>JSON of a <see cref="MachineReport"/>, snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MachineReport))]
internal sealed partial class MachineReportJson : JsonSerializerContext;
