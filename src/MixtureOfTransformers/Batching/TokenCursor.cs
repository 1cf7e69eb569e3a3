using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Batching;

/// <summary>Walks over the documents in an order drawn from seed and epoch, and copies tokens with their targets.</summary>
internal sealed class TokenCursor
{
    private readonly PreparedSplit _data;
    private readonly long _seed;
    private readonly int[] _order;
    private long _epoch;
    private int _document;
    private int _token;

    public TokenCursor(PreparedSplit data, long seed)
    {
        (_data, _seed, _order) = (data, seed, new int[data.DocumentCount]);
        Shuffle();
    }

    public StreamPosition Position
    {
        get => new(_epoch, _document, _token);
        set
        {
            if (value.Epoch < 0 || value.Document < 0 || value.Document >= _order.Length || value.Token < 0)
                throw Outside(value);
            if (value.Epoch != _epoch)
            {
                _epoch = value.Epoch;
                Shuffle();
            }
            if (value.Token >= _data.Ids(_order[value.Document]).Length)
                throw Outside(value);
            (_document, _token) = ((int)value.Document, (int)value.Token);
        }
    }

    public bool IsAtEnd => _document == _order.Length;

    public void StartNextEpoch()
    {
        (_epoch, _document, _token) = (_epoch + 1, 0, 0);
        Shuffle();
    }

    /// <summary>Copies from the current document as much as the buffer takes.</summary>
    public void Copy(BatchBuffer buffer)
    {
        var ids = _data.Ids(_order[_document]);
        var modalities = _data.Modalities(_order[_document]);
        var end = Math.Min(ids.Length, _token + buffer.Room);
        for (var i = _token; i < Math.Min(ids.Length, end + 1); i++)
            Check(ids[i], modalities[i]);
        for (; _token < end; _token++)
        {
            var next = _token + 1;
            if (next < ids.Length)
                buffer.Add(ids[_token], modalities[_token], ids[next], modalities[next]);
            else
                buffer.Add(ids[_token], modalities[_token], Batch.IgnoredTarget, 0);
        }
        if (_token == ids.Length)
            (_document, _token) = (_document + 1, 0);
    }

    private MotException Outside(StreamPosition position) =>
        new($"position {position} is not in this data of {_order.Length} documents; the run was started with other data");

    private void Check(int id, byte modality)
    {
        if ((uint)id >= (uint)_data.Vocabulary.Size || modality >= _data.Vocabulary.Ranges.Length)
            throw new CorruptFileException("prepared data", $"token id {id} of modality {modality} is outside the vocabulary of {_data.Vocabulary.Size} ids; a shard is damaged: delete the folder and prepare the data again");
    }

    private void Shuffle()
    {
        for (var i = 0; i < _order.Length; i++)
            _order[i] = i;
        new SeededRandom(_seed, _epoch).Shuffle(_order.AsSpan());
    }
}
