namespace MixtureOfTransformers.Storage;

/// <summary>A file that is truncated, damaged or not of the expected kind.</summary>
public sealed class CorruptFileException : MotException
{
    /// <summary>An error about the file at <paramref name="path"/>.</summary>
    public CorruptFileException(string path, string problem) : base($"{path}: {problem}") => FilePath = path;

    /// <summary>An error about the file at <paramref name="path"/>, with its cause.</summary>
    public CorruptFileException(string path, string problem, Exception innerException) : base($"{path}: {problem}", innerException) => FilePath = path;

    /// <summary>The file at fault.</summary>
    public string FilePath { get; }
}
