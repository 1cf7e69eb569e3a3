using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MixtureOfTransformers.Training;

/// <summary>Compares a recipe that was given with the one of a run.</summary>
internal static partial class RecipeDifference
{
    /// <summary>Says in which field they differ first, and how; null where they are the same. A <c>${name}</c> in <paramref name="given"/> may stand for anything.</summary>
    public static string? First(Recipe run, Recipe given) => First(Json(run), Json(given));

    /// <summary>The same for recipes of any kind, as JSON.</summary>
    public static string? First(JsonNode? run, JsonNode? given) => First("", run, given);

    private static JsonNode? Json(Recipe recipe) => JsonSerializer.SerializeToNode(recipe.Explicit, RecipeJson.Default.Recipe);

    private static string? First(string path, JsonNode? run, JsonNode? given) => (run, given) switch
    {
        (JsonObject a, JsonObject b) => a.Concat(b).Select(field => field.Key).Distinct()
            .Select(name => First(path.Length == 0 ? name : $"{path}.{name}", a[name], b[name])).FirstOrDefault(found => found is not null),
        (JsonArray a, JsonArray b) when a.Count == b.Count => a.Select((item, i) => First($"{path}[{i}]", item, b[i])).FirstOrDefault(found => found is not null),
        _ => JsonNode.DeepEquals(run, given) || StandsFor(run, given) ? null : $"its {path} is {Text(run)}, and here it is {Text(given)}",
    };

    private static bool StandsFor(JsonNode? run, JsonNode? given) =>
        run?.GetValueKind() == JsonValueKind.String && given?.GetValueKind() == JsonValueKind.String
        && Regex.IsMatch(run.GetValue<string>(), $@"\A{string.Join(".*", Placeholder().Split(given.GetValue<string>()).Select(Regex.Escape))}\z", RegexOptions.Singleline);

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "not given";

    [GeneratedRegex(@"\$\{[^}]*\}")]
    private static partial Regex Placeholder();
}
