using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Storage;

/// <summary>An open safetensors file. Opening reads and checks the header only; tensors are read when asked for, from any thread.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly long _dataStart;
    private readonly Dictionary<string, SafetensorsEntry> _byName;

    internal SafetensorsFile(string path)
    {
        FilePath = path;
        try
        {
            _file = File.OpenHandle(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MotException($"{path} does not exist", error);
        }
        try
        {
            (Entries, Metadata, _dataStart) = SafetensorsHeader.Read(_file, path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        _byName = Entries.ToDictionary(e => e.Name);
    }

    /// <summary>The file's path, as given.</summary>
    public string FilePath { get; }

    /// <summary>The tensors in file order.</summary>
    public ImmutableArray<SafetensorsEntry> Entries { get; }

    /// <summary>The names of the tensors in file order.</summary>
    public IEnumerable<string> Names => Entries.Select(e => e.Name);

    /// <summary>The file's <c>__metadata__</c>; empty when it has none.</summary>
    public ImmutableDictionary<string, string> Metadata { get; }

    /// <summary>Whether the file holds a tensor of that name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>Reads one tensor, with the element type it has in the file.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="device">Where it goes; the CPU when null.</param>
    /// <returns>A fresh tensor of the entry's shape, owned by the caller's scope.</returns>
    /// <exception cref="MotException">The file has no such tensor.</exception>
    /// <exception cref="CorruptFileException">The file was cut short since it was opened.</exception>
    public Tensor Read(string name, Device? device = null)
    {
        if (!_byName.TryGetValue(name, out var entry))
            throw new MotException($"{FilePath} holds no tensor '{name}'; it holds {string.Join(", ", Names)}");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        // A byte other than 0 and 1 is no valid bool in memory, so those pass through bytes.
        var isBool = entry.Type == ScalarType.Bool;
        var result = empty(entry.Shape.AsSpan(), isBool ? ScalarType.Byte : entry.Type, CPU);
        var position = _dataStart + entry.Offset;
        foreach (var chunk in TensorBytes.Chunks(result))
        {
            SafetensorsHeader.ReadExactly(_file, chunk.bytes, position, FilePath);
            position += chunk.numel() * SafetensorsType.ByteCountOf(entry.Type);
        }
        if (isBool)
            result = result.ne(0);
        return (device is null ? result : result.to(device)).MoveToOuterDisposeScope();
    }

    /// <summary>Copies the file into existing tensors of the same names and shapes, for instance a module's <c>state_dict()</c>. Copies nothing unless everything fits.</summary>
    /// <param name="targets">The tensors to overwrite, on any device. Floating types convert into each other; other types must be equal.</param>
    /// <exception cref="MotException">Names are missing or unexpected, or shapes or types differ; the message lists all of them.</exception>
    /// <exception cref="CorruptFileException">The file was cut short since it was opened.</exception>
    public void LoadInto(IReadOnlyDictionary<string, Tensor> targets)
    {
        ThrowIfDifferent(targets);
        using var noGrad = no_grad();
        foreach (var (name, target) in targets)
        {
            using var scope = NewDisposeScope();
            target.copy_(Read(name));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ThrowIfDifferent(IReadOnlyDictionary<string, Tensor> targets)
    {
        var problems = new List<string>();
        var missing = targets.Keys.Where(name => !_byName.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            problems.Add($"missing: {string.Join(", ", missing)}");
        var unexpected = Names.Where(name => !targets.ContainsKey(name)).Order(StringComparer.Ordinal).ToArray();
        if (unexpected.Length > 0)
            problems.Add($"unexpected: {string.Join(", ", unexpected)}");
        var different = targets.Where(t => _byName.TryGetValue(t.Key, out var entry) && !Fits(entry, t.Value)).OrderBy(t => t.Key, StringComparer.Ordinal)
            .Select(t => $"{t.Key} is {Describe(_byName[t.Key].Type, _byName[t.Key].Shape)}, expected {Describe(t.Value.dtype, t.Value.shape)}").ToArray();
        if (different.Length > 0)
            problems.Add($"different: {string.Join(", ", different)}");
        if (problems.Count > 0)
            throw new MotException($"{FilePath} does not fit the model; {string.Join("; ", problems)}");
    }

    private static bool Fits(SafetensorsEntry entry, Tensor target) => entry.Shape.AsSpan().SequenceEqual(target.shape)
        && (entry.Type == target.dtype || (SafetensorsType.IsFloat(entry.Type) && SafetensorsType.IsFloat(target.dtype)));

    private static string Describe(ScalarType type, IEnumerable<long> shape) => $"{SafetensorsType.NameOf(type)} [{string.Join(", ", shape)}]";
}
