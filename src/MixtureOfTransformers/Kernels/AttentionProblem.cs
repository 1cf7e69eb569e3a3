// Legend: N tokens in sequence order, H query heads, G key/value heads, K head width, E = (H + 2G) K, D = H K. Rows of the tensors are grouped by tower.
namespace MixtureOfTransformers.Kernels;

/// <summary>One attention with everything around it that reads or writes the same numbers: from the projections grouped by tower to the result grouped by tower,
/// with QK-norm and rotary embedding. Norm, rotation and both permutations cost no pass over memory of their own.</summary>
/// <remarks>The work is cut into one piece for each document and key/value head. A piece keeps its keys and values in its core's cache; queries pass by in blocks.</remarks>
internal unsafe struct AttentionProblem<T>
    where T : unmanaged, INumberFormat<T>
{
    /// <summary>Queries that are worked on together.</summary>
    public const int BlockRows = 32;

    /// <summary>Who sees what.</summary>
    public AttentionSpans Spans;

    /// <summary>Query heads H.</summary>
    public int HeadCount;

    /// <summary>Key/value heads G.</summary>
    public int KeyValueHeadCount;

    /// <summary>From projected to attended queries.</summary>
    public HeadRow Query;

    /// <summary>From projected to attended keys.</summary>
    public HeadRow Key;

    /// <summary>The row of each token in the grouped tensors, [N]; null where they are the same.</summary>
    public int[]? Rows;

    /// <summary>First row of each set of norm weights.</summary>
    public int[] TowerOffsets;

    /// <summary>Queries, keys and values before the norm, [N, E].</summary>
    public T* Qkv;

    /// <summary>The result, [N, D].</summary>
    public T* Result;

    /// <summary>Logarithm of the sum of the exponentials of each query's scores, [H, N] in sequence order.</summary>
    public float* LogSumExp;

    /// <summary>N.</summary>
    public int TokenCount;

    /// <summary>Where keys and values are kept; keys normalised and turned, as they are attended to.</summary>
    public KeyValuePlaces<T> Kept;

    /// <summary>Whether only the last query of each document attends; the other rows of the result are left as they are.</summary>
    public bool LastOnly;

    /// <summary>K.</summary>
    public readonly int HeadDim => Query.Width;

    /// <summary>E.</summary>
    public readonly int Width => (HeadCount + (2 * KeyValueHeadCount)) * HeadDim;

    /// <summary>Pieces of work.</summary>
    public readonly int PieceCount => Spans.Starts.Length * KeyValueHeadCount;

    /// <summary>Row of a token in the grouped tensors.</summary>
    public readonly int Row(int token) => Rows is null ? token : Rows[token];

    /// <summary>The set of norm weights of a grouped row.</summary>
    public readonly int Tower(int row) => TowerRows.TowerOf(TowerOffsets, row);

    /// <summary>The projected query of a grouped row.</summary>
    public readonly T* QueryOf(int row, int head) => Qkv + ((long)row * Width) + (head * HeadDim);

    /// <summary>The projected key.</summary>
    public readonly T* KeyOf(int row, int head) => QueryOf(row, HeadCount + head);

    /// <summary>The projected value.</summary>
    public readonly T* ValueOf(int row, int head) => QueryOf(row, HeadCount + KeyValueHeadCount + head);

    /// <summary>The next multiple of the vector's lanes.</summary>
    public static int RoundUp(int count) => (count + VectorMath.Lanes - 1) / VectorMath.Lanes * VectorMath.Lanes;
}
