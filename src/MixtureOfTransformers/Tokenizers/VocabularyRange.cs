using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>A contiguous range of the joint vocabulary that belongs to one modality.</summary>
public sealed record VocabularyRange
{
    /// <summary>The modality of these ids.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>The first id.</summary>
    public required int Offset { get; init; }

    /// <summary>How many ids.</summary>
    public required int Count { get; init; }

    /// <summary>The id that opens a block of this modality (BOI for images), a text-range id; -1 for text itself.</summary>
    public int BeginId { get; init; } = -1;

    /// <summary>The id that closes a block of this modality (EOI for images); -1 for text itself.</summary>
    public int EndId { get; init; } = -1;

    /// <summary>Tokens between begin and end where that is fixed (an image of n codes); 0 where the length is free.</summary>
    public int BlockLength { get; init; }

    /// <summary>Numbers of a token where tokens are vectors: one id then stands for all of them.</summary><value>0: tokens are ids.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VectorLength { get; init; }

    /// <summary>Numbers of a cell, a pixel or a latent, where tokens are patches of cells.</summary><value>0: unknown, or no patches.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VectorChannels { get; init; }

    /// <summary>Patches in a row of an image, where tokens are patches.</summary><value>0: unknown, or no patches.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int GridColumns { get; init; }

    /// <summary>Whether <paramref name="id"/> lies in this range.</summary>
    public bool Contains(int id) => (uint)(id - Offset) < (uint)Count;
}
