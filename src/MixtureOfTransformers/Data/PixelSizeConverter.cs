using System.Text.Json;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>A size as <c>"24x32"</c>, and as a number where it is a square.</summary>
internal sealed class PixelSizeConverter : JsonConverter<PixelSize>
{
    public override PixelSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var side))
            return new(side);
        using var value = JsonDocument.ParseValue(ref reader);
        try
        {
            return PixelSize.Parse(value.RootElement.ValueKind == JsonValueKind.String ? value.RootElement.GetString()! : value.RootElement.GetRawText());
        }
        catch (ConfigException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, PixelSize value, JsonSerializerOptions options)
    {
        if (value.Width == value.Height)
            writer.WriteNumberValue(value.Width);
        else
            writer.WriteStringValue(value.ToString());
    }
}
