using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Storage;

/// <summary>Reads and writes the project's JSON files. Field names are snake_case; unknown fields are refused.</summary>
public static partial class JsonFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigException">The file is missing, is not JSON, or has a field that is unknown, missing or of the wrong kind; the message names it.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, type);
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            throw new ConfigException($"{path} is a folder; name a file in it");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigException($"{path} does not exist", error);
        }
    }

    /// <summary>Parses JSON text that came from <paramref name="origin"/>; see <see cref="Read"/>.</summary>
    public static T Parse<T>(string json, string origin, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, JsonDefaults.Keep(type)) ?? throw new ConfigException($"{origin}: the file holds null");
        }
        catch (JsonException error)
        {
            var where = error.LineNumber is { } line ? $" (line {line + 1})" : "";
            throw new ConfigException($"{origin}{where}: {ForUsers(error)}", error);
        }
        catch (NotSupportedException error)
        {
            throw new ConfigException($"{origin}: {error.Message}", error);
        }
    }

    /// <summary>The serializer's own words are for programmers.</summary>
    private static string ForUsers(JsonException error)
    {
        if (error.Message.Contains("doesn't allow setting null values", StringComparison.Ordinal))
            return $"{error.Path} must not be null; give it a value, or leave it out for its default";
        if (UnknownField().Match(error.Message) is { Success: true } unknown)
            return $"unknown field '{unknown.Groups[1].Value}' in {error.Path}; see the documentation of the recipe or file for the fields there are";
        if (WrongKind().IsMatch(error.Message))
            return $"{error.Path} has a value of the wrong kind";
        if (UnknownType().Match(error.Message) is { Success: true } type)
            return $"{error.Path}: there is no type '{type.Groups[1].Value}'";
        return error.Message;
    }

    [GeneratedRegex("^The JSON property '(.*)' could not be mapped to any .NET member")]
    private static partial Regex UnknownField();

    [GeneratedRegex("^The JSON value could not be converted to ")]
    private static partial Regex WrongKind();

    [GeneratedRegex("^Read unrecognized type discriminator id '(.*?)'")]
    private static partial Regex UnknownType();

    /// <summary>Writes a file atomically; see <see cref="AtomicFile"/>.</summary>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, type) + "\n");
}
