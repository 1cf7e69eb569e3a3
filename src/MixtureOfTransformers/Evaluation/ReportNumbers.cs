using System.Globalization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How numbers are shown to people: no more digits than mean something. The same on the console and in HTML.</summary>
internal static class ReportNumbers
{
    public const string NotReached = "not reached";
    public const string Diverged = "diverged";
    public const string NothingToMatch = "nothing to match";
    public const string BelowFirstPoint = "below first point";

    /// <summary>A loss in nats per token: <c>2.314</c>.</summary>
    public static string Loss(double nats) => Format(nats, "0.000");

    /// <summary>A share of the baseline's cost: <c>0.61</c>, or <see cref="NotReached"/>.</summary>
    public static string Ratio(double? ratio) => ratio is { } r ? Format(r, "0.00") : NotReached;

    /// <summary>A share in per cent: <c>61%</c>; below 10% with one digit more.</summary>
    public static string Percent(double share) => Format(100 * share, share < 0.0995 ? "0.#" : "0") + "%";

    /// <summary>A count of parameters or tokens: <c>950</c>, <c>1.23M</c>, <c>13.5B</c>.</summary>
    public static string Count(double count) => Scaled(count, ["", "K", "M", "B", "T"]);

    /// <summary>FLOPs: <c>3.41 TFLOPs</c>.</summary>
    public static string Flops(double flops) => FlopsTick(flops) is var text && char.IsLetter(text[^1]) ? $"{text[..^1]} {text[^1]}FLOPs" : $"{text} FLOPs";

    /// <summary>FLOPs beside an axis: <c>3.41T</c>.</summary>
    public static string FlopsTick(double flops) => Scaled(flops, ["", "k", "M", "G", "T", "P", "E", "Z", "Y"]);

    /// <summary>A duration: <c>8.2 s</c>, <c>128 s</c>, <c>21.3 min</c>, <c>3.4 h</c>.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 10 => Format(seconds, "0.0") + " s",
        < 600 => Format(seconds, "0") + " s",
        < 7200 => Format(seconds / 60, "0.0") + " min",
        _ => Format(seconds / 3600, "0.0") + " h",
    };

    /// <summary>Seconds as milliseconds: <c>47</c>, <c>4.7</c>.</summary>
    public static string Milliseconds(double seconds) => Format(1000 * seconds, seconds < 0.00995 ? "0.0" : "#,0");

    /// <summary>A whole number with its thousands apart: <c>13,489,430,528</c>.</summary>
    public static string Exact(double number) => Format(number, "#,0");

    private static string Scaled(double number, ReadOnlySpan<string> prefixes)
    {
        var i = 0;
        while (Math.Abs(number) >= 999.5 && i < prefixes.Length - 1)
            (number, i) = (number / 1000, i + 1);
        return Format(number, Math.Abs(number) switch { >= 99.95 => "0", >= 9.995 => "0.#", _ => "0.##" }) + prefixes[i];
    }

    private static string Format(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
