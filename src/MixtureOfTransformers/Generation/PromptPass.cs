// Legend: S streams, T tokens, D model width.
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>Whole prompts through a model into an empty cache, images in them without noise.</summary>
internal static class PromptPass
{
    /// <summary>Runs them.</summary>
    /// <returns>The last state of each stream, [S, D], owned by the caller's scope.</returns>
    public static Tensor Run(MotModel model, Vocabulary vocabulary, IReadOnlyList<PromptStream> streams, KvCache cache)
    {
        using var scope = NewDisposeScope();
        var (tokens, padding) = (PromptStream.TokensOf(streams, vocabulary.Padding), PromptStream.PaddingOf(streams));
        var length = tokens.Length / streams.Count;
        var images = PromptStream.ImagesOf(streams, vocabulary);
        using var routing = model.Route([.. tokens.Select(id => vocabulary.ModalityIndexOf((int)id))]);
        using var context = new AttentionContext(model.Config, streams.Count, length, model.Device, model.ComputeType, cache, padding, images: images is null ? [] : images.ImageOfToken(tokens.Length));
        var patches = images is null ? null : model.EmbedPatches(PatchInput.Clean(model, images));
        return model.LastStates(tensor(tokens, [streams.Count, length], device: model.Device), routing, context, patches).MoveToOuterDisposeScope();
    }
}
