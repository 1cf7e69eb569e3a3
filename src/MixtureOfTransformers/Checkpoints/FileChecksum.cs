using System.Security.Cryptography;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>Length and digest of one file.</summary>
/// <param name="Bytes">Its length in bytes.</param>
/// <param name="Sha256">Its SHA-256 digest in lower-case hexadecimal.</param>
public sealed record FileChecksum(long Bytes, string Sha256)
{
    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    public static FileChecksum Of(string path)
    {
        using var stream = File.OpenRead(path);
        return new(stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
