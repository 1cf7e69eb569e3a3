namespace MixtureOfTransformers.Storage;

/// <summary>Writes a folder so that a reader sees either all of it or nothing: temporary folder beside the target, then one rename.</summary>
public static class AtomicFolder
{
    /// <summary>Creates <paramref name="path"/> with what <paramref name="fill"/> writes; on any error nothing is left behind.</summary>
    /// <param name="path">A folder that does not exist yet or is empty.</param>
    /// <param name="fill">Receives the temporary folder.</param>
    /// <exception cref="MotException">The folder exists and is not empty.</exception>
    public static void Write(string path, Action<string> fill)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            fill(temporary);
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new MotException($"{path} exists already and is not empty; choose another folder or delete it");
            if (Directory.Exists(path))
                Directory.Delete(path);
            Directory.Move(temporary, path);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }
}
