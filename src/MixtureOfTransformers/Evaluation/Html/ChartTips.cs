using System.Text.Json;
using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Lines shown at the pointer: for each series, for each dot, one string.</summary>
internal static class ChartTips
{
    public static string Json(IEnumerable<IEnumerable<string>> series) => JsonSerializer.Serialize([.. series.Select(s => s.ToArray())], ChartTipsJson.Default.StringArrayArray);
}

/// <summary>JSON shape of <see cref="ChartTips"/>.</summary>
[JsonSerializable(typeof(string[][]))]
internal sealed partial class ChartTipsJson : JsonSerializerContext;
