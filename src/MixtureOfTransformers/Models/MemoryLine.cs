namespace MixtureOfTransformers.Models;

/// <summary>One part of a <see cref="MemoryEstimate"/>.</summary>
/// <param name="Name">A short name, for programs.</param>
/// <param name="What">The same in words.</param>
/// <param name="Bytes">On each device.</param>
internal readonly record struct MemoryLine(string Name, string What, long Bytes);
