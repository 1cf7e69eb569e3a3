using System.Collections.Immutable;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Documents of one text and one image or recording, each once: uniform samples of both sides of the data.</summary>
/// <param name="Training">Of the training side.</param>
/// <param name="HeldOut">Of the validation side, which no model has seen.</param>
internal sealed record PairSample<TPart>(ImmutableArray<(string Text, TPart Part)> Training, ImmutableArray<(string Text, TPart Part)> HeldOut) where TPart : DocumentPart
{
    /// <summary>The image in each document of <see cref="HeldOut"/>; null where there is none.</summary>
    public ImmutableArray<PixelImage?> HeldOutImages { get; private init; } = [];

    /// <summary>Reads every document with the modality.</summary>
    /// <param name="data">The documents.</param>
    /// <param name="modality">Of the part beside the text.</param>
    /// <param name="training">Most of the training side.</param>
    /// <param name="heldOut">Most of the validation side.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="cancellation">Stops between documents.</param>
    public static PairSample<TPart> Read(DataRecipe data, ModalityId modality, int training, int heldOut, long seed, CancellationToken cancellation)
    {
        var (seen, unseen) = (new Reservoir<(string, TPart)>(training, seed), new Reservoir<((string, TPart) Pair, PixelImage? Image)>(heldOut, seed));
        var paired = data with { Sources = [.. data.Sources.Where(s => s.Modalities.Contains(modality)).Select(s => s with { Repeat = 1 })], CaptionDropout = 0, SpeechDropout = 0, Interleave = 0 };
        foreach (var (split, document) in new DataMix(paired).Read(new ReadProblems(data.MaxBadDocuments), cancellation))
            if (document.Parts.OfType<TextPart>().ToList() is [var text] && document.Parts.OfType<TPart>().ToList() is [var part])
            {
                var pair = (text.Text.Trim(), part);
                if (split == DataSplit.Train)
                    seen.Add(pair);
                else
                    unseen.Add((pair, document.Parts.OfType<ImagePart>().FirstOrDefault()?.Image));
            }
        return new([.. seen.Items], [.. unseen.Items.Select(i => i.Pair)]) { HeldOutImages = [.. unseen.Items.Select(i => i.Image)] };
    }
}
