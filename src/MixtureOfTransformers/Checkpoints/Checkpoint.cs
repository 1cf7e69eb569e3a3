using System.Globalization;
using System.Text.Json;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Checkpoints;

/// <summary>One checkpoint on disk: a folder with <c>model.safetensors</c> (state-dict names), <c>config.json</c>, <c>optimizer.safetensors</c>, <c>state.json</c>
/// and <c>checksums.json</c>. Opening it verifies every file.</summary>
public sealed class Checkpoint
{
    internal const string WeightsFile = "model.safetensors";
    internal const string ConfigFile = "config.json";
    internal const string MomentsFile = "optimizer.safetensors";
    internal const string StateFile = "state.json";
    internal const string ChecksumsFile = "checksums.json";
    private static readonly string[] _files = [WeightsFile, ConfigFile, MomentsFile, StateFile];

    private Checkpoint(string folder, MotConfig config, CheckpointState state) => (Folder, Config, State) = (folder, config, state);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The architecture.</summary>
    public MotConfig Config { get; }

    /// <summary>The state of the run.</summary>
    public CheckpointState State { get; }

    /// <summary>The folder name of the checkpoint after <paramref name="step"/> steps, such as <c>step-00000123</c>.</summary>
    public static string NameOf(long step) => string.Create(CultureInfo.InvariantCulture, $"step-{step:D8}");

    /// <summary>Opens a checkpoint and verifies its checksums.</summary>
    /// <exception cref="MotException">The folder is missing, or one of its files is missing, truncated, damaged or of another version; the message names the file.</exception>
    public static Checkpoint Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new MotException($"{folder} is not a checkpoint: there is no such folder");
        if (!File.Exists(Path.Combine(folder, ChecksumsFile)))
            throw new CorruptFileException(Path.Combine(folder, ChecksumsFile), "the file is missing; the folder is not a checkpoint");
        JsonFile.Read(Path.Combine(folder, ChecksumsFile), CheckpointJson.Default.CheckpointChecksums).Verify(folder, _files);
        var config = JsonFile.Read(Path.Combine(folder, ConfigFile), ModelJson.Default.MotConfig).Validate();
        return new(folder, config, JsonFile.Read(Path.Combine(folder, StateFile), CheckpointJson.Default.CheckpointState));
    }

    /// <summary>Builds the model with its weights.</summary>
    /// <param name="device">Where the weights go.</param>
    /// <param name="computeType">Dtype of activations.</param>
    /// <returns>The model; the caller disposes it.</returns>
    public MotModel LoadModel(Device device, ScalarType computeType = ScalarType.Float32)
    {
        var model = new MotModel(Config, device, generator: null, computeType);
        try
        {
            LoadWeights(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Copies the weights into a model of the same shape.</summary>
    /// <exception cref="MotException">Names or shapes differ; the message lists all that do.</exception>
    public void LoadWeights(MotModel model) => Load(WeightsFile, model.state_dict());

    /// <summary>Copies the optimizer's moments into tensors of the same names and shapes.</summary>
    /// <exception cref="MotException">Names or shapes differ; the message lists all that do.</exception>
    public void LoadMoments(IReadOnlyDictionary<string, Tensor> moments) => Load(MomentsFile, moments);

    /// <summary>Guards against weights that belong to the ids of other tokenizers.</summary>
    /// <exception cref="MotException">The fingerprint differs from the checkpoint's.</exception>
    public void RequireTokenizers(string fingerprint)
    {
        if (fingerprint != State.TokenizerFingerprint)
            throw new MotException($"{Folder} was trained with the tokenizers {State.TokenizerFingerprint}, but these are {fingerprint}; use the tokenizers in its run folder");
    }

    /// <summary>Guards against weights that fit a model by name and shape but mean something else in it, for instance with other towers or another norm placement.</summary>
    /// <exception cref="MotException">The configuration differs from the checkpoint's.</exception>
    public void RequireConfig(MotConfig config)
    {
        var (own, other) = (JsonSerializer.Serialize(Config, ModelJson.Default.MotConfig), JsonSerializer.Serialize(config, ModelJson.Default.MotConfig));
        if (own != other)
            throw new MotException($"{Folder} holds a model of another configuration: {Path.Combine(Folder, ConfigFile)} does not say what the recipe asks for. Put model and sequence_length back, or start a new run");
    }

    /// <summary>Writes the files of a checkpoint into an existing folder.</summary>
    internal static void Write(string folder, MotConfig config, IReadOnlyDictionary<string, Tensor> weights, IReadOnlyDictionary<string, Tensor> moments, CheckpointState state)
    {
        Safetensors.Save(Path.Combine(folder, WeightsFile), weights);
        Safetensors.Save(Path.Combine(folder, MomentsFile), moments);
        JsonFile.Write(Path.Combine(folder, ConfigFile), config, ModelJson.Default.MotConfig);
        JsonFile.Write(Path.Combine(folder, StateFile), state, CheckpointJson.Default.CheckpointState);
        JsonFile.Write(Path.Combine(folder, ChecksumsFile), CheckpointChecksums.Of(folder, _files), CheckpointJson.Default.CheckpointChecksums);
    }

    private void Load(string file, IReadOnlyDictionary<string, Tensor> targets) => Safetensors.LoadInto(Path.Combine(Folder, file), targets);
}
