using System.Collections.Immutable;
using System.Text.Json;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>One line of a file of captions.</summary>
/// <param name="File">The image or recording.</param>
/// <param name="Caption">The caption or transcript.</param>
/// <param name="Split">The side that the line names; null where the recipe names no field for it.</param>
internal sealed record CaptionLine(string File, string Caption, DataSplit? Split = null)
{
    /// <summary>A recording beside the image; null where the line has none.</summary>
    public string? Speech { get; init; }

    /// <summary>The phrases of the transcript with their times; none where the line does not have them.</summary>
    public ImmutableArray<SpokenPhrase> Phrases { get; init; } = [];

    /// <summary>Who speaks; null where the line does not say.</summary>
    public string? Speaker { get; init; }

    private static readonly string[] _heldOut = ["test", "valid", "dev"];

    /// <summary>Reads a line; null when the filter leaves it out.</summary>
    /// <exception cref="MotException">The line is not a JSON object, lacks a field, or is not Unicode.</exception>
    public static CaptionLine? Parse(string line, CaptionFields names)
    {
        using var json = ParseObject(line);
        try
        {
            return Read(json.RootElement, names);
        }
        catch (InvalidOperationException error)
        {
            throw new MotException("holds half of a character (\\ud800 to \\udfff without its other half); write emoji and the like in full", error);
        }
    }

    private static CaptionLine? Read(JsonElement fields, CaptionFields names)
    {
        if (names.Where.Any(filter => Text(fields, filter.Key) != filter.Value))
            return null;
        var file = Required(fields, names.File);
        var caption = Required(fields, names.Caption);
        var extras = names.Extras.SelectMany(field => Texts(fields, field)).Where(t => t != caption).Distinct().ToList();
        var split = names.Split is null ? (DataSplit?)null : SideOf(names.Split, Required(fields, names.Split));
        return new(file, extras.Count == 0 ? caption : $"{caption} ({string.Join(", ", extras)})", split)
        {
            Speech = names.Speech is null ? null : Text(fields, names.Speech),
            Speaker = names.Speaker is null ? null : Text(fields, names.Speaker),
            Phrases = names.Phrases is not null && fields.TryGetProperty(names.Phrases, out var phrases) ? PhrasesOf(names.Phrases, phrases) : [],
        };
    }

    private static DataSplit SideOf(string field, string value) => value switch
    {
        _ when value.StartsWith("train", StringComparison.OrdinalIgnoreCase) => DataSplit.Train,
        _ when _heldOut.Any(name => value.StartsWith(name, StringComparison.OrdinalIgnoreCase)) => DataSplit.Validation,
        _ => throw new MotException($"the field \"{field}\" says '{value}'; it should begin with train, test, valid or dev"),
    };

    private static ImmutableArray<SpokenPhrase> PhrasesOf(string field, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(p => p.ValueKind != JsonValueKind.Object))
            throw new MotException($"the field \"{field}\" is no list of phrases such as {{\"text\": \"seven\", \"start\": 0.42}}");
        ImmutableArray<SpokenPhrase> phrases = [.. value.EnumerateArray().Select(p => new SpokenPhrase(Text(p, "text") ?? Text(p, "word") ?? "", StartOf(p)))];
        var earliest = 0.0;
        foreach (var (text, start) in phrases)
        {
            if (string.IsNullOrWhiteSpace(text) || !(start >= earliest))
                throw new MotException(FormattableString.Invariant($"the field \"{field}\" has the phrase '{text}' at {start} s, where {earliest} s is the earliest; each needs a text or word, and a start in seconds, {SpokenPhrase.Shortest} s or more after that of the last"));
            earliest = start + SpokenPhrase.Shortest;
        }
        return phrases;
    }

    private static double StartOf(JsonElement phrase) => phrase.TryGetProperty("start", out var start) && start.ValueKind == JsonValueKind.Number ? start.GetDouble() : double.NaN;

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
