namespace MixtureOfTransformers.Benchmarks;

/// <summary>Cuts the time for everything into shares by weight; what one leaves or overdraws goes to those after it.</summary>
/// <param name="total">The time for all shares; it begins now.</param>
/// <param name="weights">Sum of the weights of all shares.</param>
/// <param name="time">The clock.</param>
internal sealed class TimeShares(TimeSpan total, double weights, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private double _weightsLeft = weights;

    /// <summary>The next share of what is left.</summary>
    public TimeSpan Next(double weight)
    {
        var left = total - time.GetElapsedTime(_start);
        var share = left * (weight / _weightsLeft);
        _weightsLeft = Math.Max(_weightsLeft - weight, double.Epsilon);
        return share > TimeSpan.Zero ? share : TimeSpan.FromTicks(1);
    }
}
