using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MixtureOfTransformers.Storage;
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
    /// <exception cref="MotException">A file is missing or damaged, holds something else, or does not fit the other; the message lists every tensor at fault.</exception>
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
            return open(config, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Writes both files, each atomically.</summary>
    public void Save(string folder, TConfig config, nn.Module network)
    {
        Safetensors.Save(Path.Combine(folder, WeightsFile), network.state_dict(), new Dictionary<string, string> { [KindKey] = kind });
        JsonFile.Write(Path.Combine(folder, ConfigFile), config, json);
    }

    /// <summary>SHA-256 of configuration and weights, in hexadecimal.</summary>
    public string Fingerprint(TConfig config, nn.Module network)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(config, json));
        foreach (var (name, weight) in network.state_dict().OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            foreach (var chunk in TensorBytes.Chunks(weight.detach()))
                hash.AppendData(chunk.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
