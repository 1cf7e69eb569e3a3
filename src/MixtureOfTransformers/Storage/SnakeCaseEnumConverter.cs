using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Storage;

/// <summary>Writes an enum as its snake_case name; numbers are refused.</summary>
internal sealed class SnakeCaseEnumConverter<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;
