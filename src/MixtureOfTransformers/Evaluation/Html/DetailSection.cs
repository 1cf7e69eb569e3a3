using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Limits of the numbers, and how to get them again.</summary>
internal static class DetailSection
{
    public static Markup Render(ComparisonStudy study)
    {
        var m = study.Metadata;
        return Markup.Of($"""
            {(study.Notes.IsEmpty ? default : Markup.Of($"""
            <section id="notes"><h2>What to keep in mind</h2><ul>{study.Notes.Select(n => Markup.Of($"<li>{n}</li>"))}</ul></section>
            """))}
            <section id="details"><h2>How to get these numbers again</h2>
            <pre><code>{m.Command}</code></pre>
            <details><summary>Run and machine</summary><dl class="terms">
            {Facts([new("setting", m.Setting), new("date", m.Date.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)), new(study.Seeds.Length > 1 ? "seeds" : "seed", string.Join(", ", study.Seeds.Select(s => s.Seed.ToString(CultureInfo.InvariantCulture))))])}{Facts(m.Machine)}{Facts(m.Versions)}</dl></details>
            {(m.Recipe is not { } recipe ? default : Markup.Of($"""<details><summary>Recipe</summary><pre><code>{Indented(recipe)}</code></pre></details>"""))}
            <p class="note">How a share of steps is found: both validation curves are smoothed alike (local linear regression over the logarithm of the step), replaced by their best so far, and for each loss
            of the baseline the step is looked up at which the other model first reached it. The slope is the least-squares line through the origin. Method: §3.2.2 of arXiv:2411.04996.</p></section>
            """);
    }

    private static IEnumerable<Markup> Facts(IEnumerable<KeyValuePair<string, string>> facts) => facts.Select(f => Markup.Of($"<dt>{f.Key}</dt><dd>{f.Value}</dd>"));

    private static string Indented(JsonElement json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" }))
            json.WriteTo(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
