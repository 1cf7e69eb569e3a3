using System.Collections.Immutable;

namespace MixtureOfTransformers.Training;

/// <summary>Where one parameter lies in a flat buffer.</summary>
/// <param name="Name">Its state-dict name.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Its first element in the buffer.</param>
/// <param name="Length">Its number of elements.</param>
public sealed record ParameterSegment(string Name, ImmutableArray<long> Shape, long Offset, long Length);
