// Legend: S streams, T tokens of the prompts, n patches of an image, X numbers of a patch, P = S·n.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>Prompts in a cache, and an image after each that is passed through the model again and again. Dispose it after the last step; its tensors belong to the scope it was made in.</summary>
internal sealed class DenoisingPass : IDisposable
{
    private readonly MotModel _model;
    private readonly KvCache _cache;
    private readonly ModalityRouting _routing;
    private readonly AttentionContext _context;
    private readonly Tensor _tokens_Sn, _imageOfPatch_P;
    private readonly ImageSpan[] _images;
    private readonly int _streams, _promptLength;

    /// <summary>Runs the prompts.</summary>
    /// <param name="model">A model with diffusion.</param>
    /// <param name="vocabulary">Of its tokenizers.</param>
    /// <param name="streams">The prompts.</param>
    /// <param name="patch">The id of the patches of the images.</param>
    /// <exception cref="MotException">A prompt leaves no room for an image.</exception>
    public DenoisingPass(MotModel model, Vocabulary vocabulary, IReadOnlyList<PromptStream> streams, int patch)
    {
        var (length, columns) = (vocabulary.VectorRange!.BlockLengthOf(patch), vocabulary.VectorRange.ColumnsOf(patch));
        var padding = PromptStream.PaddingOf(streams);
        (_model, _streams, _promptLength) = (model, streams.Count, streams.Max(s => s.Ids.Length));
        if (_promptLength + length + 1 > model.Config.MaxSequenceLength)
            throw new MotException($"prompt of {_promptLength} tokens leaves no room in max_sequence_length {model.Config.MaxSequenceLength} for an image of {length} and its end; shorten it to {model.Config.MaxSequenceLength - length - 1} tokens or fewer");
        _cache = new(model.Config, _streams, _promptLength + length, model.Device, model.ComputeType);
        PromptPass.Run(model, vocabulary, streams, _cache);

        var count = _streams * length;
        _routing = model.Route([.. Enumerable.Repeat(vocabulary.ModalityIndexOf(patch), count)]);
        _context = new(model.Config, _streams, length, model.Device, model.ComputeType, _cache, padding, images: new int[count]); // all of a row in one image
        _images = [.. Enumerable.Range(0, _streams).Select(stream => new ImageSpan(stream * length, length, LeadsText: false, columns))];
        _tokens_Sn = full(_streams, length, (long)patch, ScalarType.Int64, model.Device);
        _imageOfPatch_P = arange(count, ScalarType.Int64, model.Device).div(length, RoundingMode.floor);
    }

    /// <summary>What the model predicts of the images at one level of noise.</summary>
    /// <param name="noised_SnX">The noised images.</param>
    /// <param name="time">What the model is told of the noise.</param>
    /// <returns>[S, n, X], owned by the caller's scope.</returns>
    public Tensor Predict(Tensor noised_SnX, double time)
    {
        using var scope = NewDisposeScope();
        var images = _model.EmbedPatches(new(noised_SnX.reshape(_imageOfPatch_P.shape[0], -1), full(_streams, time, ScalarType.Float32, _model.Device), _imageOfPatch_P, _images));
        var states_PD = _model.HiddenStates(_tokens_Sn, _routing, _context, images: images);
        _cache.Rewind(_promptLength); // the next step writes over these keys
        return _model.PredictPatches(states_PD, images, _routing).reshape(noised_SnX.shape).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _routing.Dispose();
        _cache.Dispose();
    }
}
