// Legend: N rows, M slots, D width.
using System.Runtime.Intrinsics;

namespace MixtureOfTransformers.Kernels;

/// <summary>Copies rows into slots and adds slots up into rows. Each number is written by one core only, in an order that never changes.</summary>
internal static unsafe class SlotKernel
{
    private const int RowsOfABlock = 32;

    /// <summary>y[slot] = x[row of the slot] · scale[slot].</summary>
    /// <param name="table">Which row each slot holds.</param>
    /// <param name="width">D.</param>
    /// <param name="x_ND">Rows.</param>
    /// <param name="scale_M">Factors; null for 1.</param>
    /// <param name="y_MD">Receives the slots.</param>
    public static void Spread<T>(SlotTable table, int width, T* x_ND, float* scale_M, T* y_MD)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(table.Rows.Length, RowsOfABlock, (from, to) =>
    {
        for (var slot = from; slot < to; slot++)
        {
            T* x = x_ND + (table.Rows[slot] * (long)width), y = y_MD + (slot * width);
            var scale = Vector512.Create(scale_M is null ? 1 : scale_M[slot]);
            for (var i = 0; i < width; i += VectorMath.Lanes)
                T.Store(T.Load(x + i) * scale, y + i);
        }
    });

    /// <summary>y[row] = Σ x[slot] · scale[slot] over the slots that hold the row.</summary>
    /// <param name="table">Which row each slot holds.</param>
    /// <param name="width">D.</param>
    /// <param name="x_MD">Slots.</param>
    /// <param name="scale_M">Factors; null for 1.</param>
    /// <param name="y_ND">Receives the rows; 0 where no slot holds one.</param>
    public static void Collect<T>(SlotTable table, int width, T* x_MD, float* scale_M, T* y_ND)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(table.RowCount, RowsOfABlock, (from, to) =>
    {
        for (var row = from; row < to; row++)
        {
            var slots = table.SlotsOf(row);
            var y = y_ND + (row * width);
            for (var i = 0; i < width; i += VectorMath.Lanes)
            {
                var sum = Vector512<float>.Zero;
                foreach (var slot in slots)
                    sum = Vector512.FusedMultiplyAdd(T.Load(x_MD + ((long)slot * width) + i), Vector512.Create(scale_M is null ? 1 : scale_M[slot]), sum);
                T.Store(sum, y + i);
            }
        }
    });

    /// <summary>d[slot] = ⟨x[slot], y[row of the slot]⟩.</summary>
    /// <param name="table">Which row each slot holds.</param>
    /// <param name="width">D.</param>
    /// <param name="x_MD">Slots.</param>
    /// <param name="y_ND">Rows.</param>
    /// <param name="dots_M">Receives the products.</param>
    public static void Dots<T>(SlotTable table, int width, T* x_MD, T* y_ND, float* dots_M)
        where T : unmanaged, INumberFormat<T> => Cores.ForBlocks(table.Rows.Length, RowsOfABlock, (from, to) =>
    {
        for (var slot = from; slot < to; slot++)
        {
            T* x = x_MD + (slot * width), y = y_ND + (table.Rows[slot] * (long)width);
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < width; i += VectorMath.Lanes)
                sum = Vector512.FusedMultiplyAdd(T.Load(x + i), T.Load(y + i), sum);
            dots_M[slot] = Vector512.Sum(sum);
        }
    });
}
