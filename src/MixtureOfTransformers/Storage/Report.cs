namespace MixtureOfTransformers.Storage;

/// <summary>Progress told at once and on the caller's thread; <see cref="Progress{T}"/> would post it to another.</summary>
/// <param name="report">Called with each value.</param>
public sealed class Report<T>(Action<T> report) : IProgress<T>
{
    void IProgress<T>.Report(T value) => report(value);
}
