using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>Reads recipes. <c>${name}</c> in the text stands for a value that is given from outside, such as the folder of a data set.</summary>
public static partial class RecipeFile
{
    /// <summary>Reads, fills in and checks a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">What the placeholders stand for.</param>
    /// <exception cref="ConfigException">The file is missing or malformed, a field is unknown or out of its limits, a placeholder has no value, or a value no placeholder.</exception>
    public static Recipe Read(string path, IReadOnlyDictionary<string, string>? values = null) => Parse(Text(path), path, values);

    /// <summary>Reads a recipe whose placeholders stay as they are where no value is given; see <see cref="Read"/>.</summary>
    internal static Recipe ReadTemplate(string path, IReadOnlyDictionary<string, string> values)
    {
        var text = Text(path);
        return Parse(text, path, values.Concat(NamesIn(text).Except(values.Keys).Select(name => KeyValuePair.Create(name, $"${{{name}}}"))).ToDictionary());
    }

    /// <summary>Parses a recipe that came from <paramref name="origin"/>; see <see cref="Read"/>.</summary>
    public static Recipe Parse(string json, string origin, IReadOnlyDictionary<string, string>? values = null) =>
        Parse(Filled(json, origin, values), origin, RecipeJson.Default.Recipe, recipe => recipe.Validate());

    /// <summary>Parses a recipe of any kind whose placeholders are filled in; a problem is told with <paramref name="origin"/>.</summary>
    internal static T Parse<T>(string json, string origin, JsonTypeInfo<T> type, Func<T, T> validate)
    {
        try
        {
            return validate(JsonFile.Parse(json, origin, type));
        }
        catch (ConfigException error) when (!error.Message.StartsWith(origin, StringComparison.Ordinal))
        {
            throw new ConfigException($"{origin}: {error.Message}", error);
        }
    }

    /// <summary>The text with its placeholders replaced.</summary>
    /// <exception cref="ConfigException">A placeholder has no value, or a value no placeholder.</exception>
    internal static string Filled(string json, string origin, IReadOnlyDictionary<string, string>? values)
    {
        var given = values ?? new Dictionary<string, string>();
        var used = NamesIn(json);
        if (used.Except(given.Keys).FirstOrDefault() is { } missing)
            throw new ConfigException($"{origin} needs a value for ${{{missing}}}; give one with --path {missing}=…");
        if (given.Keys.Except(used).FirstOrDefault() is { } unused)
            throw new ConfigException($"{origin} has no ${{{unused}}}; {(used.Length == 0 ? "it takes no values" : $"it takes {string.Join(", ", used)}")}");
        return Placeholder().Replace(json, match => JsonEncodedText.Encode(given[match.Groups[1].Value]).Value);
    }

    /// <summary>The text of the file.</summary>
    /// <exception cref="ConfigException">There is no such file.</exception>
    internal static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigException($"{path} does not exist", error);
        }
    }

    private static string[] NamesIn(string json) => [.. Placeholder().Matches(json).Select(m => m.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"\$\{([A-Za-z0-9_-]+)\}")]
    private static partial Regex Placeholder();
}
