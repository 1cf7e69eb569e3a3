using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>The arrays of a batch while it is filled row by row.</summary>
internal sealed class BatchBuffer(PreparedSplit data, int rowCount, int length)
{
    private readonly long[] _inputs = new long[rowCount * length];
    private readonly byte[] _modalities = new byte[rowCount * length];
    private readonly long[] _targets = new long[rowCount * length];
    private readonly byte[] _targetModalities = new byte[rowCount * length];
    private readonly int[] _segments = new int[rowCount * length];
    private readonly VocabularyRange? _vectorRange = data.Vocabulary.VectorRange;
    private readonly List<ImageSpan> _images = [];
    private readonly List<float> _patches = [];
    private int _count;

    public bool IsFull => _count == _inputs.Length;

    /// <summary>Appends a row: the pieces one after the other, then padding, which is not predicted.</summary>
    public void AddRow(ReadOnlySpan<Piece> pieces)
    {
        var end = _count + length;
        for (var segment = 0; segment < pieces.Length; segment++)
            AddPiece(pieces[segment], segment);
        var padding = data.Vocabulary.Padding;
        while (_count < end)
            Add(padding, data.Vocabulary.ModalityIndexOf(padding), Batch.IgnoredTarget, 0, Batch.PaddingSegment);
    }

    /// <summary>The batch; rows that were not filled are padding.</summary>
    public Batch ToBatch()
    {
        while (!IsFull)
            AddRow([]);
        return new(rowCount, length, _inputs, _modalities, _targets, _targetModalities, _segments, _vectorRange is null ? null : new(_vectorRange.VectorLength, [.. _images], [.. _patches]));
    }

    private void AddPiece(Piece piece, int segment)
    {
        var ids = data.Ids(piece.Document);
        var modalities = data.Modalities(piece.Document);
        if (_vectorRange is not null)
            AddImages(ids, piece);
        for (var i = piece.Start; i < piece.Start + piece.Length; i++)
        {
            Check(ids[i], modalities[i]);
            var next = i + 1;
            if (next < ids.Length && !IsVector(ids[i]) && !IsVector(ids[next]))
                Add(ids[i], modalities[i], ids[next], modalities[next], segment);
            else
                Add(ids[i], modalities[i], Batch.IgnoredTarget, 0, segment);
        }
        if (piece.Start + piece.Length is var after && after < ids.Length)
            Check(ids[after], modalities[after]);
    }

    private bool IsVector(int id) => _vectorRange?.Contains(id) == true;

    /// <summary>The images of a document, before its tokens are added.</summary>
    private void AddImages(ReadOnlySpan<int> ids, Piece piece)
    {
        foreach (var number in data.Vectors(piece.Document))
            _patches.Add((float)number);
        for (var (start, end) = (0, 0); start < ids.Length; start = end)
        {
            for (end = start + 1; IsVector(ids[start]) && end < ids.Length && IsVector(ids[end]);)
                end++;
            if (!IsVector(ids[start]))
                continue;
            if (piece.Start > 0 || end > piece.Length)
                throw new MotException($"a document of {ids.Length} tokens with an image does not fit a row of {length}, and an image cannot be cut; raise sequence_length");
            _images.Add(new(_count + start, end - start, LeadsText(ids, start, end), _vectorRange!.ColumnsOf(ids[start])));
        }
    }

    /// <summary>Whether nothing but markers comes before an image, and text after it.</summary>
    private bool LeadsText(ReadOnlySpan<int> ids, int start, int end) =>
        ids[..start].IndexOfAnyExcept(data.Vocabulary.BeginOfSequence, _vectorRange!.BeginId) < 0 && ids[end..].IndexOfAnyExcept(data.Vocabulary.EndOfSequence, _vectorRange.EndId) >= 0;

    private void Add(long input, byte modality, long target, byte targetModality, int segment)
    {
        (_inputs[_count], _modalities[_count], _targets[_count], _targetModalities[_count], _segments[_count]) = (input, modality, target, targetModality, segment);
        _count++;
    }

    private void Check(int id, byte modality)
    {
        if ((uint)id >= (uint)data.Vocabulary.Size || modality >= data.Vocabulary.Ranges.Length)
            throw new CorruptFileException("prepared data", $"token id {id} of modality {modality} is outside the vocabulary of {data.Vocabulary.Size} ids; a shard is damaged: delete the folder and prepare the data again");
    }
}
