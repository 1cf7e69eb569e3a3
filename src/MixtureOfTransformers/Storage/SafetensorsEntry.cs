using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Storage;

/// <summary>One line of a safetensors header.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Lengths of the dimensions; empty for a scalar.</param>
/// <param name="Offset">First byte, counted from the end of the header.</param>
/// <param name="ByteCount">Length in bytes.</param>
public sealed record SafetensorsEntry(string Name, ScalarType Type, ImmutableArray<long> Shape, long Offset, long ByteCount);
