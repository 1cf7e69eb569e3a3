using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The joint vocabulary: one id space, cut into a range per modality. Text comes first and holds the special tokens.</summary>
/// <remarks>Written as <c>vocabulary.json</c>. The order of <see cref="Ranges"/> is the modality index used in shards and batches.</remarks>
public sealed record Vocabulary
{
    /// <summary>One range per modality, without gaps, text first.</summary>
    public required ImmutableArray<VocabularyRange> Ranges { get; init; }

    /// <summary>Opens every document (BOS).</summary>
    public required int BeginOfSequence { get; init; }

    /// <summary>Closes every document (EOS).</summary>
    public required int EndOfSequence { get; init; }

    /// <summary>Fills unused positions; never a target.</summary>
    public required int Padding { get; init; }

    /// <summary>Ids whose modality label differs from their range, for instance begin-of-image sent to the image tower. Empty by default: special tokens belong to text.</summary>
    public ImmutableDictionary<int, ModalityId> Overrides { get; init; } = ImmutableDictionary<int, ModalityId>.Empty;

    /// <summary>Number of ids, V.</summary>
    [JsonIgnore]
    public int Size => Ranges[^1].Offset + Ranges[^1].Count;

    /// <summary>The modalities in index order.</summary>
    [JsonIgnore]
    public ImmutableArray<ModalityId> Modalities => [.. Ranges.Select(r => r.Modality)];

    /// <summary>The range of <paramref name="modality"/>.</summary>
    /// <exception cref="MotException">The vocabulary has no such modality.</exception>
    public VocabularyRange Range(ModalityId modality) => Ranges.FirstOrDefault(r => r.Modality == modality)
        ?? throw new MotException($"the vocabulary has no modality '{modality}'; it has {string.Join(", ", Modalities)}");

    /// <summary>The range whose tokens are vectors; null where all are ids.</summary>
    [JsonIgnore]
    public VocabularyRange? VectorRange => Ranges.FirstOrDefault(r => r.VectorLength > 0);

    /// <summary>The index in <see cref="Modalities"/> of the modality that the token belongs to (the tower that processes it as an input).</summary>
    /// <exception cref="MotException">The id is outside the vocabulary.</exception>
    public byte ModalityIndexOf(int id)
    {
        if (Overrides.TryGetValue(id, out var modality))
            return (byte)Modalities.IndexOf(modality);
        for (var i = 0; i < Ranges.Length; i++)
            if (Ranges[i].Contains(id))
                return (byte)i;
        throw new MotException($"token id {id} is outside the vocabulary of {Size} ids; the data and the tokenizers do not belong together");
    }

    /// <summary>This vocabulary, checked.</summary>
    /// <exception cref="ConfigException">Ranges leave gaps, text is not first, or a special id is not a text id.</exception>
    public Vocabulary Validate()
    {
        if (Ranges.IsDefaultOrEmpty || Ranges[0].Modality != ModalityId.Text)
            throw new ConfigException("the first vocabulary range must be text");
        var next = 0;
        foreach (var range in Ranges)
        {
            if (range.Offset != next || range.Count < 1)
                throw new ConfigException($"vocabulary range {range.Modality} is [{range.Offset}, +{range.Count}); expected it to start at {next} and hold at least one id");
            if (range.VectorLength < 0 || (range.VectorLength > 0 && (range.Modality != ModalityId.Image || range.BlockLength < 1 || range.Count != (range.HasSizes ? range.Grids.Length : 1))))
                throw new ConfigException($"vocabulary range {range.Modality} has vectors of {range.VectorLength} numbers; only images of a fixed block_length can, and they take one id, or one for each of their grids");
            if (range.HasSizes && (range.VectorLength == 0 || range.Grids[0].Count != range.BlockLength || range.Grids.Any(g => g.Columns < 1 || g.Rows < 1)))
                throw new ConfigException($"vocabulary range {range.Modality} has grids [{string.Join(", ", range.Grids)}]; only images that are vectors can, and the first has block_length {range.BlockLength} tokens");
            next += range.Count;
        }
        foreach (var id in Ranges.Skip(1).SelectMany(r => new[] { r.BeginId, r.EndId }).Concat([BeginOfSequence, EndOfSequence, Padding]))
            if (!Ranges[0].Contains(id))
                throw new ConfigException($"special token id {id} is outside the text range of {Ranges[0].Count} ids");
        return this;
    }
}
