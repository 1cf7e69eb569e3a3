using System.Text.Json;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>One line of a file of captions.</summary>
internal sealed record CaptionLine(string File, string Caption)
{
    /// <summary>Reads a line; null when the recipe's filter leaves it out.</summary>
    /// <exception cref="MotException">The line is not a JSON object, lacks a field, or is not Unicode.</exception>
    public static CaptionLine? Parse(string line, CaptionedImageRecipe recipe)
    {
        using var json = ParseObject(line);
        try
        {
            return Read(json.RootElement, recipe);
        }
        catch (InvalidOperationException error)
        {
            throw new MotException("holds half of a character (\\ud800 to \\udfff without its other half); write emoji and the like in full", error);
        }
    }

    private static CaptionLine? Read(JsonElement fields, CaptionedImageRecipe recipe)
    {
        if (recipe.Where.Any(filter => Text(fields, filter.Key) != filter.Value))
            return null;
        var file = Required(fields, recipe.FileField);
        var caption = Required(fields, recipe.CaptionField);
        var extras = recipe.ExtraFields.SelectMany(field => Texts(fields, field)).Where(t => t != caption).Distinct().ToList();
        return new(file, extras.Count == 0 ? caption : $"{caption} ({string.Join(", ", extras)})");
    }

    private static JsonDocument ParseObject(string line)
    {
        try
        {
            var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json : throw new MotException("not a JSON object");
        }
        catch (JsonException error)
        {
            throw new MotException("not JSON", error);
        }
    }

    private static string Required(JsonElement fields, string name) =>
        Text(fields, name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : throw new MotException($"the field \"{name}\" is missing or empty");

    private static string? Text(JsonElement fields, string name) => fields.TryGetProperty(name, out var value) ? Text(value) : null;

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static IEnumerable<string> Texts(JsonElement fields, string name)
    {
        if (!fields.TryGetProperty(name, out var value))
            return [];
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Text) : [Text(value)];
        return texts.OfType<string>().Where(t => !string.IsNullOrWhiteSpace(t)).ToList();
    }
}
