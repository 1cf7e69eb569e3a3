using System.Text.RegularExpressions;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>File names with wildcards.</summary>
internal static class FilePattern
{
    /// <summary>The files that match, in ordinal order.</summary>
    /// <param name="pattern">A path; <c>*</c> and <c>?</c> match within a name, <c>**</c> any folders; at the end it means all files in them.</param>
    /// <exception cref="MotException">There is none.</exception>
    public static IReadOnlyList<string> Expand(string pattern)
    {
        if (File.Exists(pattern))
            return [pattern];
        if (Directory.Exists(pattern))
            throw new MotException($"{pattern} is a folder; write {pattern.TrimEnd('/')}/*.txt for the text files in it");
        var segments = (pattern is "**" || pattern.EndsWith("/**", StringComparison.Ordinal) ? $"{pattern}/*" : pattern).Split('/');
        var fixedCount = Array.FindIndex(segments, s => s.AsSpan().ContainsAny('*', '?'));
        if (fixedCount < 0)
            throw new MotException($"{pattern} does not exist");

        var folder = fixedCount == 0 ? "." : string.Join('/', segments[..fixedCount]) + "/";
        var rest = Regex.Escape(string.Join('/', segments[fixedCount..])).Replace(@"\*\*/", "(.*/)?").Replace(@"\*", "[^/]*").Replace(@"\?", "[^/]");
        var matches = new Regex($"^{rest}$");
        var depth = fixedCount == segments.Length - 1 ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories;
        List<string> files = !Directory.Exists(folder) ? [] :
            [.. Directory.EnumerateFiles(folder, "*", depth).Where(f => matches.IsMatch(Path.GetRelativePath(folder, f).Replace('\\', '/'))).Order(StringComparer.Ordinal)];
        return files.Count > 0 ? files : throw new MotException($"no file matches {pattern}");
    }
}
