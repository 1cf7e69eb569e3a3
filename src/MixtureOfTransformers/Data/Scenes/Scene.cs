using System.Collections.Immutable;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>What is in a picture: everything the painter draws and the caption may speak of.</summary>
/// <param name="Arrangement">How the objects relate.</param>
/// <param name="Objects">One to three objects in the order of <paramref name="Arrangement"/>.</param>
/// <param name="Background">What is behind them.</param>
/// <param name="Place">For a single object its cell of a 3 x 3 grid, row after row, 0 to 8; otherwise -1.</param>
public sealed record Scene(SceneArrangement Arrangement, ImmutableArray<SceneObject> Objects, SceneBackground Background, int Place)
{
    /// <summary>The canonical description: the same for two scenes that differ only in how exactly things are placed, and the key of the train/validation split.</summary>
    public string Description =>
        $"{Arrangement.ToString().ToLowerInvariant()}: {string.Join(", ", Objects.Select(o => o.Description))}; {(Place >= 0 ? $"place {Place}; " : "")}{Background.Description}";

    /// <summary>Whether there are several objects that all look the same.</summary>
    public bool IsUniform => Objects.Length > 1 && Objects.All(o => o.Description == Objects[0].Description);
}
