using System.Text.RegularExpressions;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Runtime;

/// <summary>libtorch or TorchSharp's shim cannot be loaded.</summary>
public sealed partial class NativeRuntimeException : MotException
{
    /// <summary>An error with a message for the user.</summary>
    public NativeRuntimeException(string message) : base(message) { }

    /// <summary>Turns the loader's words about <paramref name="path"/> into one line: the library, the symbol or version it misses, the remedy.</summary>
    public static NativeRuntimeException ForLibrary(string path, string loaderMessage)
    {
        var version = VersionPattern().Match(loaderMessage);
        if (version.Success)
            return new($"{path} needs version {version.Groups[2].Value}, which {version.Groups[1].Value} lacks; update that library or the system (Debian 12, Ubuntu 22.04 and newer are known to work)");
        var missing = MissingPattern().Match(loaderMessage);
        if (missing.Success && missing.Groups[1].Value == path)
            return new($"{path} does not exist; restore the program's packages, or build it again");
        if (missing.Success)
            return new($"{path} needs {Path.GetFileName(missing.Groups[1].Value)}, which is not installed; install the system package that holds it");
        var symbol = SymbolPattern().Match(loaderMessage);
        if (symbol.Success)
            return new($"{path} needs symbol {symbol.Groups[1].Value}, which the loaded libtorch lacks; use libtorch {NativeRuntime.LibtorchVersion} (unset {NativeRuntime.LibtorchVariable}, or point it at that version)");
        return new($"{path} cannot be loaded: {loaderMessage.ReplaceLineEndings(" ")}; run 'mot doctor' for what this system has");
    }

    [GeneratedRegex(@"(\S+): version [`']([A-Z]+_[0-9.]+)' not found")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"([^\s:']+\.so[^\s:]*): cannot open shared object file")]
    private static partial Regex MissingPattern();

    [GeneratedRegex(@"undefined symbol: (\S+)")]
    private static partial Regex SymbolPattern();
}
