using System.Globalization;

namespace MixtureOfTransformers.Cli;

/// <summary>One stretch of long work, as told by the work itself.</summary>
public sealed class ProgressStage
{
    private readonly double _total;
    private readonly TimeProvider _time;
    private readonly Action<string> _writeLine;
    private readonly long _start;
    private volatile string? _detail;
    private TimeSpan? _took;

    internal ProgressStage(string name, double total, TimeProvider time, Action<string> writeLine)
    {
        (Name, _total, _time, _writeLine) = (name, total, time, writeLine);
        _start = time.GetTimestamp();
    }

    /// <summary>What is being done.</summary>
    public string Name { get; }

    /// <summary>How much is done, in the unit of the stage's total.</summary>
    public double Done { get; private set; }

    /// <summary>Tells how far the work is. Cheap: call it as often as convenient.</summary>
    /// <param name="done">How much is done since the beginning.</param>
    /// <param name="detail">A few words to show beside it, for instance <c>loss 3.21, 12 k tokens/s</c>; null keeps the last ones.</param>
    public void Report(double done, string? detail = null)
    {
        Done = done;
        _detail = detail ?? _detail;
    }

    /// <summary>Writes a line that stays, above the bar where there is one.</summary>
    public void WriteLine(string text) => _writeLine(text);

    internal void Complete() => _took = Elapsed;

    private TimeSpan Elapsed => _took ?? _time.GetElapsedTime(_start);

    private string? Percent => Fraction is { } fraction ? $"{Math.Floor(100 * fraction):0} %" : null;

    private string? Remaining => Fraction is > 0 and < 1 and var fraction ? $"ETA {Clock(Elapsed * ((1 - fraction) / fraction))}" : null;

    /// <summary>The share that is done, 0 to 1; null where the total is unknown.</summary>
    internal double? Fraction => _total > 0 ? _took is null ? Math.Clamp(Done / _total, 0, 1) : 1 : null;

    /// <summary>Left of the detail: share, time gone and to come.</summary>
    internal string Status() => Join(
        _took is not null ? "done" : Percent,
        Clock(Elapsed),
        Remaining,
        _detail);

    internal string Line() => $"{Name}: " + Join(
        Fraction is null ? Done > 0 ? Number(Done) : null : _total == 1 ? Percent : $"{Percent} ({Number(Done)} of {Number(_total)})",
        $"{Clock(Elapsed)} elapsed",
        Remaining,
        _detail);

    internal string Summary() => $"{Name}: " + Join($"done in {Clock(Elapsed)}", _detail);

    internal static string Clock(TimeSpan time)
    {
        var seconds = (long)Math.Round(time.TotalSeconds);
        return seconds >= 3600 ? $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}" : $"{seconds / 60}:{seconds % 60:00}";
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Join(params string?[] parts) => string.Join("  ", parts.Where(part => !string.IsNullOrEmpty(part)));
}
