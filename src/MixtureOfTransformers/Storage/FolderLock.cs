namespace MixtureOfTransformers.Storage;

/// <summary>Keeps a folder to one process at a time.</summary>
internal static class FolderLock
{
    /// <summary>Keeps other processes out until the result is disposed, or the process ends in whatever way.</summary>
    /// <param name="folder">Exists.</param>
    /// <param name="fileName">Of the file that stands for the lock.</param>
    /// <param name="doing">What the other process would be doing, for the message.</param>
    /// <exception cref="MotException">Another process has it.</exception>
    public static IDisposable Take(string folder, string fileName, string doing)
    {
        try
        {
            return new FileStream(Path.Combine(folder, fileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException error)
        {
            throw new MotException($"another process is {doing} in {folder}; wait for it, or name another folder ({error.Message})", error);
        }
    }
}
