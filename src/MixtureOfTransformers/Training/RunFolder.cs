using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Training;

/// <summary>The folder of a run, which explains itself: <c>recipe.json</c> (in full), <c>environment.json</c>, <c>tokenizers/</c>, <c>metrics.jsonl</c> and
/// <c>checkpoints/</c>.</summary>
public sealed class RunFolder
{
    private const string RecipeName = "recipe.json";
    private const string EnvironmentName = "environment.json";
    private const string LockName = "run.lock";
    private const string DataName = "data";

    private RunFolder(string path, Recipe recipe)
    {
        (Path, Recipe) = (path, recipe);
        Checkpoints = new(System.IO.Path.Combine(path, "checkpoints"), recipe.Training.KeepCheckpoints);
        Routers = new(System.IO.Path.Combine(path, "routers"));
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The recipe of the run.</summary>
    public Recipe Recipe { get; }

    /// <summary>The checkpoints.</summary>
    public CheckpointStore Checkpoints { get; }

    /// <summary>Auxiliary routers, if some were trained.</summary>
    public RouterStore Routers { get; }

    /// <summary>The metrics; see <see cref="MetricsLog"/>.</summary>
    public string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>The tokenizers that the run's ids come from.</summary>
    public string TokenizersPath => System.IO.Path.Combine(Path, "tokenizers");

    /// <summary>Where data that were prepared for this run alone may be kept; written before the run begins.</summary>
    public static string DataPathIn(string path) => System.IO.Path.Combine(path, DataName);

    /// <summary>Begins a run.</summary>
    /// <param name="path">A folder that does not exist or holds nothing, or nothing but <see cref="DataPathIn"/>.</param>
    /// <param name="recipe">In full, without placeholders.</param>
    /// <param name="tokenizers">A folder with the tokenizers, copied into the run; null when there are none.</param>
    /// <exception cref="MotException">The folder is not empty.</exception>
    public static RunFolder Create(string path, Recipe recipe, string? tokenizers = null)
    {
        ThrowUnlessNew(path);
        var folder = new RunFolder(path, recipe);
        Directory.CreateDirectory(path);
        if (tokenizers is not null)
            AtomicFolder.Write(folder.TokenizersPath, temporary => Copy(tokenizers, temporary));
        JsonFile.Write(System.IO.Path.Combine(path, RecipeName), recipe, RecipeJson.Default.Recipe); // last: a folder with a recipe is whole
        return folder;
    }

    /// <summary>Checks that a run can begin in a folder.</summary>
    /// <exception cref="MotException">It holds something; the message says whether that can be resumed.</exception>
    internal static void ThrowUnlessNew(string path)
    {
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any(entry => System.IO.Path.GetFileName(entry) != DataName)))
            throw new MotException(File.Exists(System.IO.Path.Combine(path, RecipeName))
                ? $"{path} already holds a run; resume it with --resume, or name a new folder"
                : $"{path} is not empty; name a new folder for the run");
    }

    /// <summary>Whether a folder holds a run.</summary>
    internal static bool Exists(string path) => File.Exists(System.IO.Path.Combine(path, RecipeName));

    /// <summary>Opens the folder of an existing run, to resume or to read it.</summary>
    /// <exception cref="MotException">It is not the folder of a run, or its recipe cannot be used.</exception>
    public static RunFolder Open(string path)
    {
        var recipe = System.IO.Path.Combine(path, RecipeName);
        if (!File.Exists(recipe))
            throw new MotException($"{path} is not the folder of a run: it has no {RecipeName}; {InsteadOf(path)}");
        return new(path, JsonFile.Read(recipe, RecipeJson.Default.Recipe).Validate());
    }

    private static string InsteadOf(string path)
    {
        var inside = !Directory.Exists(path) ? [] : Directory.GetDirectories(path).Where(folder => File.Exists(System.IO.Path.Combine(folder, RecipeName))).Order().ToArray();
        return inside.Length > 0 ? $"it holds the runs {string.Join(", ", inside)}: name one" : "name another, or start one there with 'mot train', without --resume";
    }

    /// <summary>Adds a start or resume to <c>environment.json</c>.</summary>
    public void Record(RunEnvironment environment)
    {
        var path = System.IO.Path.Combine(Path, EnvironmentName);
        var starts = File.Exists(path) ? JsonFile.Read(path, RecipeJson.Default.RunStarts).Starts : [];
        JsonFile.Write(path, new([.. starts, environment]), RecipeJson.Default.RunStarts);
    }

    /// <summary>Keeps other processes from training in this folder until the result is disposed, or the process ends in whatever way.</summary>
    /// <exception cref="MotException">Another process has it.</exception>
    public IDisposable Lock() => FolderLock.Take(Path, LockName, "training");

    private static void Copy(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = System.IO.Path.Combine(target, System.IO.Path.GetRelativePath(source, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
