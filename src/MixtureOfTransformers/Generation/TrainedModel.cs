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
    private readonly AuxiliaryRouters? _routers;

    private TrainedModel(RunFolder run, Checkpoint checkpoint, TokenizerSet tokenizers, MotModel model, AuxiliaryRouters? routers, DecodeWeightFormat weights)
    {
        (Run, Checkpoint, Tokenizers, Model, _routers) = (run, checkpoint, tokenizers, model, routers);
        if (routers is not null)
            model.UseRouters(routers);
        Generator = CreateGenerator(model, tokenizers, weights);
    }

    /// <summary>The run.</summary>
    public RunFolder Run { get; }

    /// <summary>Where the weights came from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The tokenizers of the run; owned by this object.</summary>
    public TokenizerSet Tokenizers { get; }

    /// <summary>The model, with its auxiliary routers where some were trained; owned by this object.</summary>
    public MotModel Model { get; }

    /// <summary>Generates with the model.</summary>
    public MultimodalGenerator Generator { get; }

    /// <summary>Opens a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <param name="device">Where the model goes.</param>
    /// <param name="checkpoint">"latest", "best" or the name of one, such as step-00001000.</param>
    /// <param name="weights">How <see cref="Generator"/> reads the model's weights for every new token.</param>
    /// <exception cref="MotException">The folder holds no run or no checkpoint, a file is damaged or does not belong to the others, or the model cannot decode in
    /// that format.</exception>
    public static TrainedModel Open(string folder, Device device, string checkpoint = "latest", DecodeWeightFormat weights = DecodeWeightFormat.Compute)
    {
        var run = RunFolder.Open(folder);
        var chosen = run.Checkpoints.Open(checkpoint);
        var tokenizers = TokenizerSet.Open(run.TokenizersPath);
        MotModel? model = null;
        AuxiliaryRouters? routers = null;
        try
        {
            chosen.RequireTokenizers(tokenizers.Fingerprint);
            model = chosen.LoadModel(device, run.Recipe.Training.ComputeScalarType);
            routers = run.Routers.Open(chosen, device);
            return new(run, chosen, tokenizers, model, routers, weights);
        }
        catch
        {
            routers?.Dispose();
            model?.Dispose();
            tokenizers.Dispose();
            throw;
        }
    }

    /// <summary>A generator over a model and the tokenizers that it was trained with; both stay the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizers">Its tokenizers.</param>
    /// <param name="weights">How the model's weights are read for every new token.</param>
    /// <exception cref="MotException">The vocabulary does not fit the model, or the model cannot decode in that format.</exception>
    public static MultimodalGenerator CreateGenerator(MotModel model, TokenizerSet tokenizers, DecodeWeightFormat weights = DecodeWeightFormat.Compute)
    {
        var detokenizer = new DocumentDetokenizer(tokenizers.Vocabulary, ids => tokenizers.Text.Decode(ids), tokenizers.Image is { } image ? codes => image.Decode(codes) : null,
            tokenizers.Speech is { } speech ? codes => speech.Decode(codes) : null, tokenizers.Patches is { } patches ? numbers => patches.Decode(numbers) : null);
        return new(model, DocumentTokenizer.Of(tokenizers), detokenizer, weights, tokenizers.Patches?.Limit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _routers?.Dispose();
        Tokenizers.Dispose();
    }
}
