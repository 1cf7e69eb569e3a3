using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Generation;

/// <summary>What was generated after one document.</summary>
/// <param name="Parts">Text, images and speech in order.</param>
/// <param name="Sequence">The ids behind them, and why they ended.</param>
public sealed record GeneratedDocument(ImmutableArray<DocumentPart> Parts, DecodedSequence Sequence);
