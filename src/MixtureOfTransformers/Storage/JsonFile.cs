using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MixtureOfTransformers.Storage;

/// <summary>Reads and writes the project's JSON files. Field names are snake_case; unknown fields are refused.</summary>
public static class JsonFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigException">The file is missing, is not JSON, or has a field that is unknown, missing or of the wrong kind; the message names it.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, type);
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
            var refusesNull = error.Message.Contains("doesn't allow setting null values", StringComparison.Ordinal); // its remedy is for programmers
            throw new ConfigException($"{origin}{where}: {(refusesNull ? $"{error.Path} must not be null; give it a value, or leave it out for its default" : error.Message)}", error);
        }
        catch (NotSupportedException error)
        {
            throw new ConfigException($"{origin}: {error.Message}", error);
        }
    }

    /// <summary>Writes a file atomically; see <see cref="AtomicFile"/>.</summary>
    public static void Write<T>(string path, T value, JsonTypeInfo<T> type) => AtomicFile.WriteText(path, JsonSerializer.Serialize(value, type) + "\n");
}
