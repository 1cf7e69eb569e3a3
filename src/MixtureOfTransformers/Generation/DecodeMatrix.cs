// Legend: R rows, D input width, E output width.
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>A weight matrix as decoding reads it, in the format that it is stored in.</summary>
internal abstract unsafe class DecodeMatrix : IDisposable
{
    private const double SmallestScale = 1e-30; // for a row of zeros

    /// <summary>Computes the columns <paramref name="from"/> … <paramref name="to"/> - 1 of y = x Wᵀ; see <see cref="RowProduct{TWeight}"/>.</summary>
    public abstract void Multiply(float* x_RD, int rows, int from, int to, float* y_RE, int stride);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>A matrix over a weight's own memory where its dtype fits, else over a copy.</summary>
    /// <param name="weight_ED">The weight, fp32 on the CPU; outlives the result.</param>
    /// <param name="dtype">fp32; bf16; or int8 with one scale per row, so that the row's largest number becomes ±127.</param>
    public static DecodeMatrix Of(Tensor weight_ED, ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (dtype == ScalarType.Float32)
            return new DecodeMatrix<Fp32>(weight_ED.alias().DetachFromDisposeScope(), null);
        if (dtype == ScalarType.BFloat16)
            return new DecodeMatrix<Bf16>(weight_ED.to(dtype).DetachFromDisposeScope(), null);
        var scale_E1 = weight_ED.abs().amax([1], keepdim: true).div(Int8.Most).clamp_min(SmallestScale);
        var whole_ED = weight_ED.div(scale_E1).round().to(ScalarType.Int8);
        return new DecodeMatrix<Int8>(whole_ED.DetachFromDisposeScope(), scale_E1.DetachFromDisposeScope());
    }
}

/// <summary>A weight matrix in one format.</summary>
/// <param name="weight_ED">The numbers; owned by this object.</param>
/// <param name="scale_E1">What each row is multiplied by; null for 1; owned by this object.</param>
internal sealed unsafe class DecodeMatrix<TWeight>(Tensor weight_ED, Tensor? scale_E1) : DecodeMatrix
    where TWeight : unmanaged, INumberFormat<TWeight>
{
    private readonly TWeight* _weight_ED = TensorMemory.Pointer<TWeight>(weight_ED);
    private readonly float* _scale_E = scale_E1 is null ? null : TensorMemory.Pointer<float>(scale_E1);
    private readonly int _dim = (int)weight_ED.shape[1];

    public override void Multiply(float* x_RD, int rows, int from, int to, float* y_RE, int stride)
    {
        RowProduct<TWeight>.Multiply(x_RD, rows, _dim, _weight_ED, from, to, y_RE, stride);
        if (_scale_E is not null)
            for (var row = 0; row < rows; row++)
                for (var e = from; e < to; e++)
                    y_RE[((long)row * stride) + e] *= _scale_E[e];
    }

    public override void Dispose()
    {
        weight_ED.Dispose();
        scale_E1?.Dispose();
    }
}
