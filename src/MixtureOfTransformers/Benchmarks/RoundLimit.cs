namespace MixtureOfTransformers.Benchmarks;

/// <summary>Decides whether another round is measured: as many as were asked for, or as many as fit a share of time.</summary>
/// <param name="exact">Rounds asked for; null for as many as fit.</param>
/// <param name="share">The time to fill.</param>
/// <param name="time">The clock; it starts now.</param>
internal sealed class RoundLimit(int? exact, TimeSpan share, TimeProvider time)
{
    private const int Least = 3, Most = 25;
    private readonly long _start = time.GetTimestamp();

    /// <summary>How much is done, 0 to 1.</summary>
    /// <param name="rounds">Rounds done, the warm-up included.</param>
    public double Progress(double rounds) => Math.Min(1, exact is { } count ? rounds / (count + 1) : Math.Min(time.GetElapsedTime(_start) / share, rounds / (Least + 1)));

    /// <summary>Whether to go on after <paramref name="done"/> rounds, the warm-up not counted.</summary>
    public bool AllowsAfter(int done)
    {
        if (exact is { } count)
            return done < count;
        var elapsed = time.GetElapsedTime(_start);
        return done < Least || (done < Most && elapsed + (elapsed / (done + 1)) <= share);
    }
}
