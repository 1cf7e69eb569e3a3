using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>The prepared data of a comparison: its losses are those of these tokens, and of no others.</summary>
/// <param name="Folder">Where it was: relative to the comparison where inside it.</param>
/// <param name="Tokenizers">Fingerprint of the tokenizers.</param>
/// <param name="Hash">Of recipe, tokenizers and inputs; see <see cref="Batching.PreparedIndex.Hash"/>.</param>
public sealed record PlannedData(string Folder, string Tokenizers, string Hash)
{
    /// <summary>What was prepared.</summary>
    /// <param name="prepared">The data.</param>
    /// <param name="comparison">Folder of the comparison.</param>
    /// <param name="folder">Folder of the data.</param>
    internal static PlannedData Of(PreparedRecipe prepared, string comparison, string folder) => new(PathFrom(comparison, comparison, folder), prepared.Fingerprint, prepared.Data.Index.Hash);

    /// <summary>Where the data is, seen from a folder of the comparison: relative where it lies inside the comparison, as both may move together.</summary>
    internal static string PathFrom(string from, string comparison, string folder)
    {
        var relative = Path.GetRelativePath(comparison, folder);
        var isInside = !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative);
        return isInside ? Path.GetRelativePath(from, folder) : Path.GetFullPath(folder);
    }
}
