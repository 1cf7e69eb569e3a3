namespace MixtureOfTransformers.Runtime;

/// <summary>One verdict about this machine.</summary>
/// <param name="Level">How bad.</param>
/// <param name="Message">What was found.</param>
/// <param name="Remedy">What to do; null when there is nothing to do.</param>
public sealed record Finding(FindingLevel Level, string Message, string? Remedy = null);
