using System.Collections.Immutable;

namespace MixtureOfTransformers.Training;

/// <summary>Content of <c>environment.json</c>.</summary>
/// <param name="Starts">The start of the run, then every resume.</param>
public sealed record RunStarts(ImmutableArray<RunEnvironment> Starts);
