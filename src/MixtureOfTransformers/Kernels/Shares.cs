using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Cuts rows into shares that cores sum over each for itself; the shares' sums are added in order, so that the result does not depend on who was first.</summary>
internal sealed unsafe class Shares
{
    private const int Most = 16;
    private readonly long _rows;
    private readonly int _size;
    private readonly Tensor _memory;
    private readonly float* _sums;

    /// <summary>Sums of zero, in memory of the caller's dispose scope.</summary>
    /// <param name="rows">Rows to be cut.</param>
    /// <param name="least">Fewest rows of a share.</param>
    /// <param name="size">Numbers that are summed.</param>
    public Shares(long rows, long least, int size)
    {
        (_rows, _size) = (rows, size);
        Count = (int)Math.Clamp(rows / least, 1, Most);
        _memory = zeros(Count, size);
        _sums = TensorMemory.Pointer<float>(_memory);
    }

    /// <summary>Shares; does not depend on the number of cores.</summary>
    public int Count { get; }

    /// <summary>First row of a share; of the share after the last, the number of rows.</summary>
    public long Start(int share) => _rows * share / Count;

    /// <summary>The sums of a share.</summary>
    public float* Of(int share) => _sums + ((long)share * _size);

    /// <summary>Writes the sums over all shares.</summary>
    public void SumInto(float* total)
    {
        for (var i = 0; i < _size; i++)
        {
            var sum = 0f;
            for (var share = 0; share < Count; share++)
                sum += _sums[((long)share * _size) + i];
            total[i] = sum;
        }
        GC.KeepAlive(_memory);
    }
}
