namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>One comparison of a file, for instance one size of several.</summary>
/// <param name="Name">What it is called; null where the file holds only one.</param>
/// <param name="Recipe">What it compares.</param>
public sealed record ComparedVariant(string? Name, CompareRecipe Recipe);
