using System.Text.Json;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>The name of a modality. Any lower-case name can be one; the three of the paper are predefined.</summary>
[JsonConverter(typeof(JsonConverter))]
public readonly record struct ModalityId
{
    /// <summary>Text.</summary>
    public static ModalityId Text { get; } = new("text");

    /// <summary>Images.</summary>
    public static ModalityId Image { get; } = new("image");

    /// <summary>Speech.</summary>
    public static ModalityId Speech { get; } = new("speech");

    /// <summary>A modality of the given name.</summary>
    /// <param name="name">Lower-case letters, digits and '_', starting with a letter.</param>
    /// <exception cref="ConfigException">The name has other characters.</exception>
    public ModalityId(string name)
    {
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0]) || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
            throw new ConfigException($"'{name}' is not a modality name; use lower-case letters, digits and '_', starting with a letter");
        Name = name;
    }

    /// <summary>The name, as written in configurations.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal sealed class JsonConverter : JsonConverter<ModalityId>
    {
        public override ModalityId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");
        public override void Write(Utf8JsonWriter writer, ModalityId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name);
    }
}
