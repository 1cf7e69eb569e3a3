namespace MixtureOfTransformers.Evaluation;

/// <summary>Names of architectures as parts of file names.</summary>
internal static class SafeName
{
    /// <summary>The name with everything but ASCII letters, digits, '-' and '_' replaced by '_'.</summary>
    public static string Of(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
}
