namespace MixtureOfTransformers.Tests;

/// <summary>A clock that the test moves; its timers fire on the test's thread, each at its time.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Advance(double seconds)
    {
        var end = _now + TimeSpan.FromSeconds(seconds);
        while (_timers.Where(t => t.Next <= end).MinBy(t => t.Next) is { } due)
        {
            _now = due.Next;
            due.Fire();
        }
        _now = end;
    }

    public override long GetTimestamp() => _now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state)) { Next = _now + dueTime, Period = period };
        _timers.Add(timer);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, Action action) : ITimer
    {
        public required TimeSpan Next { get; set; }
        public required TimeSpan Period { get; init; }

        public void Fire()
        {
            Next += Period;
            action();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
