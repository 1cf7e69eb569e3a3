using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>A trained run with its data.</summary>
internal sealed class OpenedRun : IDisposable
{
    private OpenedRun(TrainedModel trained, PreparedData data) => (Trained, Data) = (trained, data);

    /// <summary>The model.</summary>
    public TrainedModel Trained { get; }

    /// <summary>The data.</summary>
    public PreparedData Data { get; }

    /// <summary>Opens a run.</summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="data">Folder of prepared data; null for those of the run.</param>
    /// <param name="device">Where the model goes.</param>
    /// <param name="checkpoint">latest, best or the name of one.</param>
    /// <exception cref="Storage.MotException">The folder holds no run, or the data are those of other tokenizers.</exception>
    public static OpenedRun Open(string folder, string? data, Device device, string checkpoint)
    {
        data ??= RunData.Of(RunFolder.Open(folder).Path);
        NativeRuntime.EnsureLoaded();
        var trained = TrainedModel.Open(folder, device, checkpoint);
        PreparedData? prepared = null;
        try
        {
            prepared = PreparedData.Open(Path.Combine(data, "tokens"));
            trained.Tokenizers.Require(prepared.Index.Tokenizer, prepared.Folder);
            return new(trained, prepared);
        }
        catch
        {
            prepared?.Dispose();
            trained.Dispose();
            throw;
        }
    }

    /// <summary>Held-out batches of the size of training batches.</summary>
    public IReadOnlyList<Batch> ValidationBatches()
    {
        var training = Trained.Run.Recipe.Training;
        return [.. Data.ValidationBatches(training.BatchRows, training.SequenceLength)];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Data.Dispose();
        Trained.Dispose();
    }
}
