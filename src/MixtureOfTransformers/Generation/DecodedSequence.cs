using System.Collections.Immutable;

namespace MixtureOfTransformers.Generation;

/// <summary>What was generated after one prompt.</summary>
/// <param name="Tokens">The new ids in order, without the prompt; with the BOI and EOI around images and the EOS that ended it.</param>
/// <param name="End">Why it ended.</param>
public sealed record DecodedSequence(ImmutableArray<int> Tokens, EndReason End)
{
    /// <summary>The numbers of the generated images, where they are vectors, one token after the other.</summary>
    public ImmutableArray<float> Vectors { get; init; } = [];
}
