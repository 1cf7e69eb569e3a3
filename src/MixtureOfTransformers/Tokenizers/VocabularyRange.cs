using System.Collections.Immutable;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

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

    /// <summary>Tokens between begin and end where that is fixed (an image of n codes; of the first size where there are several); 0 where the length is free.</summary>
    public int BlockLength { get; init; }

    /// <summary>Numbers of a token where tokens are vectors: one id then stands for all of them, or for all of images of one size.</summary><value>0: tokens are ids.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VectorLength { get; init; }

    /// <summary>Numbers of a cell, a pixel or a latent, where tokens are patches of cells.</summary><value>0: unknown, or no patches.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int VectorChannels { get; init; }

    /// <summary>Patches in a row of an image (of the first size), where tokens are patches.</summary><value>0: unknown, or no patches.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int GridColumns { get; init; }

    /// <summary>How the patches of each size of images lie, where there are several; the ids of the range stand for them in this order.</summary><value>Empty: all images have one size.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<TokenGrid> Grids { get; init; }

    /// <summary>Tokens of the longest block; 0 where the length is free.</summary>
    [JsonIgnore]
    internal int LongestBlock => HasSizes ? Grids.Max(g => g.Count) : BlockLength;

    /// <summary>Whether images of several sizes have ids of their own.</summary>
    [JsonIgnore]
    internal bool HasSizes => !Grids.IsDefaultOrEmpty;

    /// <summary>Tokens of a block of this id; 0 where the length is free.</summary>
    /// <exception cref="IndexOutOfRangeException">Images have several sizes, and the id is outside this range.</exception>
    public int BlockLengthOf(int id) => HasSizes ? Grids[id - Offset].Count : BlockLength;

    /// <summary>Patches in a row of an image of this id; 0 where it is unknown, or tokens are no patches.</summary>
    /// <exception cref="IndexOutOfRangeException">Images have several sizes, and the id is outside this range.</exception>
    public int ColumnsOf(int id) => HasSizes ? Grids[id - Offset].Columns : GridColumns;

    /// <summary>The id of the patches of images of a size, or the first id where there are no sizes.</summary>
    /// <exception cref="MotException">There are fewer sizes.</exception>
    internal int IdOfSize(int size) => size == 0 || (HasSizes && (uint)size < (uint)Count) ? Offset + size
        : throw new MotException($"image size {size} does not exist; images have {(HasSizes ? Count : 1)} of them, counted from 0");

    /// <summary>Which of several sizes an image of so many pixels has, counted from 0; such images are patches of pixels.</summary>
    /// <exception cref="MotException">It has none of them.</exception>
    internal int SizeOf(int width, int height)
    {
        var side = (int)Math.Sqrt(VectorLength / VectorChannels); // of a patch
        PixelSize[] sizes = [.. Grids.Select(g => new PixelSize(g.Columns * side, g.Rows * side))];
        return Array.IndexOf(sizes, new(width, height)) is >= 0 and var size ? size
            : throw new MotException($"an image of {width}x{height} pixels has none of the sizes of this model, {string.Join(" or ", sizes)}; resize it first");
    }

    /// <summary>The tokens of an image of patches of a size, and its end.</summary>
    /// <exception cref="MotException">There are fewer sizes.</exception>
    internal int[] TokensOf(int size) => [.. Enumerable.Repeat(IdOfSize(size), BlockLengthOf(IdOfSize(size))), EndId];

    /// <summary>Whether <paramref name="id"/> lies in this range.</summary>
    public bool Contains(int id) => (uint)(id - Offset) < (uint)Count;
}
