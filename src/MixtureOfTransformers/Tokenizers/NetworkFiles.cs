using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A tokenizer's network on disk: <c>config.json</c> and <c>model.safetensors</c>.</summary>
/// <typeparam name="TConfig">Its configuration.</typeparam>
/// <param name="kind">What it is; kept in the metadata of the weights.</param>
/// <param name="json">How the configuration is written.</param>
internal sealed class NetworkFiles<TConfig>(string kind, JsonTypeInfo<TConfig> json) where TConfig : class
{
    private const string ConfigFile = "config.json";
    private const string WeightsFile = "model.safetensors";
    private const string KindKey = "kind";
    private const string DigestKey = "sha256";

    /// <summary>Whether the weights in a folder say that they are of this kind.</summary>
    public bool AreIn(string folder)
    {
        var path = Path.Combine(folder, WeightsFile);
        if (!File.Exists(path))
            return false;
        using var weights = Safetensors.Load(path);
        return weights.Metadata.GetValueOrDefault(KindKey) == kind;
    }

    /// <summary>Reads the configuration alone.</summary>
    /// <exception cref="MotException">The file is missing or damaged.</exception>
    public TConfig ReadConfig(string folder) => JsonFile.Read(Path.Combine(folder, ConfigFile), json);

    /// <summary>Reads both files of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="build">Makes the network of a configuration, once it is checked.</param>
    /// <param name="open">Takes both over.</param>
    /// <exception cref="MotException">A file is missing or holds something else, or does not fit the other; the message lists every tensor at fault.</exception>
    /// <exception cref="CorruptFileException">The weights are not those that were saved, or not finite.</exception>
    public TTokenizer Load<TNetwork, TTokenizer>(string folder, Func<TConfig, TNetwork> build, Func<TConfig, TNetwork, TTokenizer> open) where TNetwork : nn.Module
    {
        var config = ReadConfig(folder);
        var network = build(config);
        try
        {
            using var weights = Safetensors.Load(Path.Combine(folder, WeightsFile));
            if (weights.Metadata.GetValueOrDefault(KindKey) is var found && found != kind)
                throw new MotException($"{weights.FilePath} is no {kind.Replace('_', ' ')}; its metadata says {KindKey} '{found ?? "none"}', expected '{kind}'");
            weights.LoadInto(network.state_dict());
            ThrowIfDamaged(weights, network);
            return open(config, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Writes both files, each atomically; the metadata of the weights have their digest.</summary>
    public void Save(string folder, TConfig config, nn.Module network)
    {
        Safetensors.Save(Path.Combine(folder, WeightsFile), network.state_dict(), new Dictionary<string, string> { [KindKey] = kind, [DigestKey] = Digest(network) });
        JsonFile.Write(Path.Combine(folder, ConfigFile), config, json);
    }

    /// <summary>SHA-256 of configuration and weights, in hexadecimal.</summary>
    public string Fingerprint(TConfig config, nn.Module network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(config, json));
        Append(hash, network);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 of the weights alone.</summary>
    private static string Digest(nn.Module network)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, network);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The names and bytes of the weights.</summary>
    private static void Append(IncrementalHash hash, nn.Module network)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, weight) in network.state_dict().OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            foreach (var chunk in TensorBytes.Chunks(weight.detach()))
                hash.AppendData(chunk.bytes);
        }
    }

    /// <summary>Weights that were saved before there was a digest have none to compare.</summary>
    private static void ThrowIfDamaged(SafetensorsFile weights, nn.Module network)
    {
        const string Remedy = "copy the folder again from where it is whole, or train the tokenizer again";
        if (weights.Metadata.TryGetValue(DigestKey, out var expected) && Digest(network) is var actual && actual != expected)
            throw new CorruptFileException(weights.FilePath, $"the SHA-256 digest of the weights is {actual}, expected {expected}; the file is damaged or was changed: {Remedy}");
        using var scope = NewDisposeScope();
        if (network.state_dict().Where(w => !isfinite(w.Value).all().ToBoolean()).Select(w => w.Key).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } names)
            throw new CorruptFileException(weights.FilePath, $"not all numbers of {string.Join(", ", names)} are finite; the file is damaged: {Remedy}");
    }
}
