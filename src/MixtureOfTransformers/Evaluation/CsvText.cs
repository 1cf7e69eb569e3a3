using System.Globalization;
using System.Text;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Comma-separated values as RFC 4180 has them: CRLF, a header, quotes where a field needs them. Numbers are invariant and read back exactly; what is missing is empty.</summary>
internal static class CsvText
{
    /// <param name="header">Column names.</param>
    /// <param name="rows">Strings, numbers or nulls, one per column.</param>
    public static string Of(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<object?>> rows)
    {
        var text = new StringBuilder();
        AppendRow(text, header);
        foreach (var row in rows)
            AppendRow(text, row.Count == header.Count ? row.Select(Field) : throw new ArgumentException($"a row has {row.Count} fields, the header {header.Count}", nameof(rows)));
        return text.ToString();
    }

    private static void AppendRow(StringBuilder text, IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append("\r\n");

    private static string Field(object? value) => value switch
    {
        null => "",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Quoted(string field) => field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
