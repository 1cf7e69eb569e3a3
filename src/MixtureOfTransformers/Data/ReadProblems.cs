using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Counts bad documents, keeps the first few by name, and stops the reading when there are too many.</summary>
/// <param name="limit">How many may be skipped before <see cref="Add"/> throws.</param>
public sealed class ReadProblems(int limit = ReadProblems.DefaultLimit)
{
    /// <summary>The limit when none is given.</summary>
    public const int DefaultLimit = 100;

    private const int Kept = 20;
    private const int Named = 5;
    private readonly List<ReadProblem> _first = [];

    /// <summary>Documents skipped so far.</summary>
    public int Count { get; private set; }

    /// <summary>The first twenty of them.</summary>
    public IReadOnlyList<ReadProblem> First => _first;

    /// <summary>Notes that a document is skipped.</summary>
    /// <param name="source">The source's name.</param>
    /// <param name="entry">The file, entry or line.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <exception cref="MotException">More than the limit were skipped; the message names the first few.</exception>
    public void Add(string source, string entry, string reason)
    {
        Count++;
        if (_first.Count < Kept)
            _first.Add(new(source, entry, reason));
        if (Count > limit)
            throw new MotException($"{Count} bad documents, more than the {limit} allowed by max_bad_documents; the first: {string.Join("; ", _first.Take(Named))}");
    }
}
