namespace MixtureOfTransformers.Data;

/// <summary>A document that was skipped.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Entry">The file, entry or line.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record ReadProblem(string Source, string Entry, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source}: {Entry}: {Reason}";
}
