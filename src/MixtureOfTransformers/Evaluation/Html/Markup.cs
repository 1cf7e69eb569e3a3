using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace MixtureOfTransformers.Evaluation.Html;

/// <summary>Text that is HTML already. Made from an interpolated string whose holes are escaped, so that user data cannot become markup.</summary>
internal readonly struct Markup
{
    private readonly string? _html;

    private Markup(string html) => _html = html;

    /// <summary>The literal parts of <paramref name="template"/> as they are; strings in its holes escaped, <see cref="Markup"/> in its holes as it is.</summary>
    public static Markup Of(Template template) => new(template.ToString());

    /// <summary>Trusted markup that belongs to the library itself: style sheet and script.</summary>
    public static Markup Trusted(string html) => new(html);

    public override string ToString() => _html ?? "";

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Template(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + 16 * formattedCount);

        public void AppendLiteral(string markup) => _text.Append(markup);
        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));
        public void AppendFormatted(int number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");
        public void AppendFormatted(double coordinate) => _text.Append(coordinate.ToString("0.#", CultureInfo.InvariantCulture));
        public void AppendFormatted(Markup markup) => _text.Append(markup._html);
        public void AppendFormatted(IEnumerable<Markup> parts) => _text.AppendJoin("", parts.Select(p => p._html));
        public override string ToString() => _text.ToString();
    }
}
