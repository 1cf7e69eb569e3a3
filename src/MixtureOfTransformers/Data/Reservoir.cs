namespace MixtureOfTransformers.Data;

/// <summary>A uniform sample of fixed size from a stream of unknown length (algorithm R), the same for the same seed and stream.</summary>
/// <param name="capacity">Most items to keep.</param>
/// <param name="seed">Decides which.</param>
public sealed class Reservoir<T>(int capacity, long seed)
{
    private readonly SeededRandom _random = new(seed, capacity, 0);
    private readonly List<T> _items = [];
    private long _seen;

    /// <summary>The sample so far, in no particular order.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>Offers one item of the stream.</summary>
    public void Add(T item)
    {
        _seen++;
        if (_items.Count < capacity)
            _items.Add(item);
        else if (_random.Next((int)Math.Min(_seen, int.MaxValue)) is var slot && slot < capacity)
            _items[slot] = item;
    }
}
