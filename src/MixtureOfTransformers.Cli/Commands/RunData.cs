using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>Where the data of a run are. A run remembers it with each of its starts: relative to the run when they are inside it, so that both may move together.</summary>
internal static class RunData
{
    /// <summary>What a run remembers of <paramref name="data"/>.</summary>
    public static string Remember(string run, string data)
    {
        var relative = Path.GetRelativePath(run, data);
        return relative.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(data) : relative;
    }

    /// <summary>The folder that the last start of a run used.</summary>
    /// <exception cref="UsageException">The run does not tell.</exception>
    public static string Of(string run)
    {
        var file = Path.Combine(run, "environment.json");
        var last = File.Exists(file) ? JsonFile.Read(file, RecipeJson.Default.RunStarts).Starts.LastOrDefault()?.Data : null;
        var folder = Path.Combine(run, last ?? RunFolder.DataPathIn(""));
        return last is not null || Directory.Exists(folder) ? folder : throw new UsageException($"{run} does not tell where its data are; name their folder with --data");
    }
}
