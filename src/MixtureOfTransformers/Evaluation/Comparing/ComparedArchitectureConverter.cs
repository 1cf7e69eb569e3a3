using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Reads a contender from its name alone or from an object with its fields.</summary>
internal sealed class ComparedArchitectureConverter : JsonConverter<ComparedArchitecture>
{
    public override ComparedArchitecture Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new() { Name = reader.GetString()! };
        var fields = JsonSerializer.Deserialize(ref reader, FieldsType(options)) ?? throw new JsonException("an architecture must not be null");
        return new() { Name = fields.Name, Architecture = fields.Architecture, Model = fields.Model };
    }

    public override void Write(Utf8JsonWriter writer, ComparedArchitecture value, JsonSerializerOptions options)
    {
        if (value is { Architecture: null, Model: null })
            writer.WriteStringValue(value.Name);
        else
            JsonSerializer.Serialize(writer, new Fields { Name = value.Name, Architecture = value.Architecture, Model = value.Model }, FieldsType(options));
    }

    private static JsonTypeInfo<Fields> FieldsType(JsonSerializerOptions options) => (JsonTypeInfo<Fields>)options.GetTypeInfo(typeof(Fields));

    /// <summary>The object form.</summary>
    internal sealed record Fields
    {
        public required string Name { get; init; }

        public string? Architecture { get; init; }

        public ModelRecipe? Model { get; init; }
    }
}
