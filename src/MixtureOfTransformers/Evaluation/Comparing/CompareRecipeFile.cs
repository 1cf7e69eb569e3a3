using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Reads the recipes of comparisons; <c>${name}</c> stands for a value from outside, as in <see cref="RecipeFile"/>. A file with <c>variants</c> holds several comparisons on the
/// same data, each with a <c>name</c> and the fields in which it differs from the rest of the file; they share its minutes.</summary>
public static class CompareRecipeFile
{
    private const string Variants = "variants";
    private const string VariantName = "name";

    /// <summary>Reads, fills in and checks a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">What the placeholders stand for.</param>
    /// <exception cref="ConfigException">The file is missing or malformed, a field is unknown or out of its limits, a placeholder has no value, or a value no placeholder.</exception>
    public static ImmutableArray<ComparedVariant> Read(string path, IReadOnlyDictionary<string, string>? values = null) => Parse(RecipeFile.Text(path), path, values);

    /// <summary>Parses a file that came from <paramref name="origin"/>; see <see cref="Read"/>.</summary>
    public static ImmutableArray<ComparedVariant> Parse(string json, string origin, IReadOnlyDictionary<string, string>? values = null)
    {
        json = RecipeFile.Filled(json, origin, values);
        if (Root(json, origin) is not { } root || root[Variants] is not JsonArray variants)
            return [new(null, One(json, origin))];
        root.Remove(Variants);
        var all = variants.Select((variant, i) => Variant(root, variant, $"{origin}, variant {i + 1}")).ToImmutableArray();
        if (all.Length == 0 || all.DistinctBy(v => v.Name).Count() < all.Length)
            throw new ConfigException($"{origin}: variants must be at least one, each with a name of its own");
        return [.. all.Select(v => v with { Recipe = v.Recipe with { Minutes = v.Recipe.Minutes / all.Length } })];
    }

    private static ComparedVariant Variant(JsonObject shared, JsonNode? variant, string origin)
    {
        if (variant is not JsonObject fields || fields[VariantName] is not JsonValue value || !value.TryGetValue(out string? name) || !CompareRecipe.IsFolderName(name))
            throw new ConfigException($"{origin} must be an object with a name made of letters, digits, '-', '_' and '.', as it names a folder");
        if (name is Comparison.DataName or StudyFolder.PlotsName)
            throw new ConfigException($"{origin} is called {name}, as a folder that all variants share; give it another name");
        fields.Remove(VariantName);
        return new(name, One(Merged(shared, fields)!.ToJsonString(), origin));
    }

    private static CompareRecipe One(string json, string origin) => RecipeFile.Parse(json, origin, CompareJson.Default.CompareRecipe, recipe => recipe.Validate());

    /// <summary>The second over the first: objects field by field, everything else as a whole.</summary>
    private static JsonNode? Merged(JsonNode? below, JsonNode? above)
    {
        if (below is not JsonObject a || above is not JsonObject b)
            return above?.DeepClone();
        var merged = (JsonObject)a.DeepClone();
        foreach (var (field, value) in b)
            merged[field] = Merged(a[field], value);
        return merged;
    }

    /// <summary>The file as JSON; null where it is not an object, which the reader of recipes explains.</summary>
    private static JsonObject? Root(string json, string origin)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException error)
        {
            One(json, origin); // says it better, except for a field that is there twice
            throw new ConfigException($"{origin}: {error.Message}", error);
        }
    }
}
