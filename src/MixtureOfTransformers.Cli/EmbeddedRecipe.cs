using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>Recipes that the program carries inside itself; the same files as in <c>recipes/</c>.</summary>
internal static class EmbeddedRecipe
{
    public static Recipe Read(string name)
    {
        using var stream = typeof(EmbeddedRecipe).Assembly.GetManifestResourceStream($"recipes/{name}.json") ?? throw new ArgumentException($"there is no embedded recipe '{name}'", nameof(name));
        using var reader = new StreamReader(stream);
        return RecipeFile.Parse(reader.ReadToEnd(), $"{name}.json");
    }
}
