using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>The checkpoints of one run, in <c>step-…</c> folders beside an <c>index.json</c>. A checkpoint is written under a temporary name and renamed when it is
/// whole, so that a folder with a step's name is never half-written, whenever the process is killed.</summary>
/// <param name="folder">The folder; made at the first save.</param>
/// <param name="keep">How many of the newest to keep, at least 1; the best is kept besides.</param>
public sealed class CheckpointStore(string folder, int keep = 2)
{
    private const string Unfinished = ".unfinished";
    private const string IndexFile = "index.json";

    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>Folder names of all checkpoints, oldest first.</summary>
    public IReadOnlyList<string> Names => !Directory.Exists(Folder) ? [] :
        [.. Directory.EnumerateDirectories(Folder, "step-*").Select(path => Path.GetFileName(path)).Where(name => name.AsSpan(5).IndexOfAnyExceptInRange('0', '9') < 0)
            .OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal)];

    /// <summary>Folder name of the newest checkpoint; null when there is none.</summary>
    public string? Latest => Existing(ReadIndex()?.Latest) ?? Names.LastOrDefault();

    /// <summary>Folder name of the checkpoint with the lowest validation loss; null when none was measured.</summary>
    public string? Best => Existing(ReadIndex()?.Best);

    /// <summary>Opens and verifies a checkpoint.</summary>
    /// <param name="name"><c>latest</c>, <c>best</c> (the latest where no validation was made), or a folder name.</param>
    /// <exception cref="MotException">There is none, or it is damaged; the message then names the newest older one that is intact.</exception>
    public Checkpoint Open(string name = "latest")
    {
        var resolved = (name switch { "latest" => Latest, "best" => Best ?? Latest, _ => name })
            ?? throw new MotException($"{Folder} holds no checkpoint; train first, or name another run folder");
        try
        {
            return Checkpoint.Open(Path.Combine(Folder, resolved));
        }
        catch (MotException error)
        {
            throw new MotException($"{error.Message}; {Remedy(resolved)}", error);
        }
    }

    /// <summary>Writes a checkpoint, updates the index and deletes what need not be kept.</summary>
    /// <param name="model">The model.</param>
    /// <param name="moments">The optimizer's moments by name.</param>
    /// <param name="state">The state of the run; the checkpoint is the best when <see cref="CheckpointState.Best"/> is of this step.</param>
    /// <returns>The name of its folder.</returns>
    /// <exception cref="MotException">The disk is full or cannot be written; earlier checkpoints are as they were.</exception>
    public string Save(MotModel model, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state) => Save(model.Config, model.state_dict(), moments, state);

    /// <summary>The same from copies; see <see cref="CheckpointWriter"/>.</summary>
    internal string Save(CheckpointSnapshot snapshot) => Save(snapshot.Config, snapshot.Weights, snapshot.Moments, snapshot.State);

    private string Save(MotConfig config, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state)
    {
        var name = Checkpoint.NameOf(state.Step);
        var temporary = Path.Combine(Folder, $"{name}.{Guid.NewGuid():N}{Unfinished}");
        try
        {
            Directory.CreateDirectory(temporary);
            Checkpoint.Write(temporary, config, weights, moments, state);
            Publish(temporary, Path.Combine(Folder, name));
            var best = state.Best is { } kept ? Existing(Checkpoint.NameOf(kept.Step)) : null;
            JsonFile.Write(Path.Combine(Folder, IndexFile), new(name, best), CheckpointJson.Default.CheckpointIndex);
            Prune(name, best);
            return name;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            var latest = Latest is { } earlier ? $"{earlier} is intact" : "there is no earlier one";
            throw new MotException($"cannot save checkpoint {name} in {Folder}: {error.Message}; {latest}; free space on the disk, then resume", error);
        }
    }

    /// <summary>Deletes what saves that were killed left behind. Call it before a run starts, never while another process saves here.</summary>
    public void RemoveUnfinished()
    {
        if (!Directory.Exists(Folder))
            return;
        foreach (var leftover in Directory.EnumerateDirectories(Folder, $"*{Unfinished}").ToArray())
            Directory.Delete(leftover, recursive: true);
        foreach (var leftover in Directory.EnumerateFiles(Folder, "*.tmp").ToArray())
            File.Delete(leftover);
    }

    private static void Publish(string temporary, string target)
    {
        var replaced = $"{target}.{Guid.NewGuid():N}{Unfinished}";
        if (Directory.Exists(target))
            Directory.Move(target, replaced);
        Directory.Move(temporary, target);
        TryDelete(replaced);
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not worth failing a run: the next start removes the folder.
        }
    }

    private void Prune(string latest, string? best)
    {
        foreach (var name in Names.Where(n => n != latest && n != best).SkipLast(keep - 1))
        {
            var doomed = Path.Combine(Folder, name + Unfinished); // a kill in mid-deletion must not leave half a checkpoint under its name
            Directory.Move(Path.Combine(Folder, name), doomed);
            TryDelete(doomed);
        }
    }

    private string? Existing(string? name) => name is not null && Directory.Exists(Path.Combine(Folder, name)) ? name : null;

    private CheckpointIndex? ReadIndex()
    {
        var path = Path.Combine(Folder, IndexFile);
        return File.Exists(path) ? JsonFile.Read(path, CheckpointJson.Default.CheckpointIndex) : null;
    }

    private string Remedy(string damaged)
    {
        foreach (var name in Names.Reverse().SkipWhile(n => n != damaged).Skip(1))
        {
            try
            {
                Checkpoint.Open(Path.Combine(Folder, name));
                return $"the checkpoint before it, {name}, is intact: delete {Path.Combine(Folder, damaged)} to go on from there";
            }
            catch (MotException)
            {
                // Damaged too: look further back.
            }
        }
        return "no earlier checkpoint is intact";
    }
}
