namespace MixtureOfTransformers.Tests.Tokenizers;

/// <summary>Advances a second at every look.</summary>
internal sealed class TickingClock : TimeProvider
{
    private long _seconds;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => _seconds++;
}
