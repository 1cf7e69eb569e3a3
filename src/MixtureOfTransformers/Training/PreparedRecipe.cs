using MixtureOfTransformers.Batching;

namespace MixtureOfTransformers.Training;

/// <summary>What <see cref="RecipePreparation"/> made.</summary>
/// <param name="Data">The token shards, open; disposed with this.</param>
/// <param name="TokenizersFolder">Where the tokenizers are.</param>
/// <param name="Fingerprint">Of the tokenizers.</param>
public sealed record PreparedRecipe(PreparedData Data, string TokenizersFolder, string Fingerprint) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Data.Dispose();
}
