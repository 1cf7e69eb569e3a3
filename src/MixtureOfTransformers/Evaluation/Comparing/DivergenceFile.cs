using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>Marks a run that diverged, by <c>diverged.json</c> in its folder.</summary>
internal static class DivergenceFile
{
    /// <summary>What went wrong with the run in a folder; null where nothing did.</summary>
    public static Divergence? Read(string run) => File.Exists(PathIn(run)) ? JsonFile.Read(PathIn(run), CompareJson.Default.Divergence) : null;

    /// <summary>Marks the run in a folder.</summary>
    public static void Write(string run, Divergence divergence) => JsonFile.Write(PathIn(run), divergence, CompareJson.Default.Divergence);

    private static string PathIn(string run) => Path.Combine(run, "diverged.json");
}
