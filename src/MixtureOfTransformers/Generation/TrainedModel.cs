using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>A model and its tokenizers, opened from the folder of a run; ready to generate.</summary>
public sealed class TrainedModel : IDisposable
{
    private TrainedModel(RunFolder run, Checkpoint checkpoint, TokenizerSet tokenizers, MotModel model)
    {
        (Run, Checkpoint, Tokenizers, Model) = (run, checkpoint, tokenizers, model);
        Generator = CreateGenerator(model, tokenizers);
    }

    /// <summary>The run.</summary>
    public RunFolder Run { get; }

    /// <summary>Where the weights came from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The tokenizers of the run; owned by this object.</summary>
    public TokenizerSet Tokenizers { get; }

    /// <summary>The model; owned by this object.</summary>
    public MotModel Model { get; }

    /// <summary>Generates with the model.</summary>
    public MultimodalGenerator Generator { get; }

    /// <summary>Opens a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="device">Where the model goes.</param>
    /// <param name="checkpoint">"latest", "best" or the name of one, such as step-00001000.</param>
    /// <exception cref="MotException">The folder holds no run or no checkpoint, or a file is damaged or does not belong to the others.</exception>
    public static TrainedModel Open(string folder, Device device, string checkpoint = "latest")
    {
        var run = RunFolder.Open(folder);
        var chosen = run.Checkpoints.Open(checkpoint);
        var tokenizers = TokenizerSet.Open(run.TokenizersPath);
        try
        {
            chosen.RequireTokenizers(tokenizers.Fingerprint);
            return new(run, chosen, tokenizers, chosen.LoadModel(device, run.Recipe.Training.ComputeScalarType));
        }
        catch
        {
            tokenizers.Dispose();
            throw;
        }
    }

    /// <summary>A generator over a model and the tokenizers that it was trained with; both stay the caller's.</summary>
    public static MultimodalGenerator CreateGenerator(MotModel model, TokenizerSet tokenizers) => new(model, DocumentTokenizer.Of(tokenizers), new DocumentDetokenizer(tokenizers.Vocabulary,
        ids => tokenizers.Text.Decode(ids), tokenizers.Image is { } image ? codes => image.Decode(codes) : null));

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Tokenizers.Dispose();
    }
}
