// Legend: D normalised width.
using MixtureOfTransformers.Kernels;

namespace MixtureOfTransformers.Generation;

/// <summary>One norm as decoding reads it: the model's own fp32 memory.</summary>
/// <param name="weight_D">Weight.</param>
/// <param name="bias_D">Bias of a LayerNorm; null for an RMSNorm.</param>
/// <param name="dim">D.</param>
/// <param name="epsilon">Added to the mean square.</param>
internal readonly unsafe struct DecodeNorm(float* weight_D, float* bias_D, int dim, double epsilon)
{
    private readonly float* _weight_D = weight_D;
    private readonly float* _bias_D = bias_D;

    /// <summary>y = norm(x); y may be x.</summary>
    public void Apply(float* x_D, float* y_D)
    {
        if (_bias_D is null)
            RowNorm.Rms(x_D, _weight_D, dim, epsilon, y_D);
        else
            RowNorm.Layer(x_D, _weight_D, _bias_D, dim, epsilon, y_D);
    }

    /// <summary>y += norm(x), for an RMSNorm.</summary>
    public void Add(float* x_D, float* y_D) => RowNorm.AddRms(x_D, _weight_D, dim, epsilon, y_D);
}
