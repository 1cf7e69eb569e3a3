using System.Collections.Immutable;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>All parameters of a module in one buffer, and all their gradients in another, so that an optimizer needs a few large operations in place of a few
/// for each parameter. The module's parameters become views: whoever changes the buffer changes the module, and backward adds into the buffer.</summary>
/// <remarks>Matrices come first, then vectors (norms and biases); each starts on a 64-byte boundary and the gaps stay zero. Place the module on its device first:
/// moving or casting it afterwards parts it from the buffers. Disposing this leaves the module usable. A model's projections add to the gradient buffer themselves:
/// use <c>backward()</c>, once for each forward pass, and not <c>autograd.grad</c>.</remarks>
public sealed class FlatParameters : IDisposable
{
    private const int AlignmentInBytes = 64;
    private const int NormRow = 1024;

    /// <summary>Moves the parameters of <paramref name="module"/>; their values stay the same and their gradients become zero.</summary>
    /// <exception cref="ArgumentException">The module has no parameters, or they differ in dtype or device.</exception>
    public FlatParameters(nn.Module module)
    {
        var parameters = module.named_parameters().OrderBy(p => p.parameter.dim() < 2).ToArray();
        if (parameters.Select(p => (p.parameter.dtype, p.parameter.device.type, p.parameter.device.index)).Distinct().Count() != 1)
            throw new ArgumentException("the parameters of a module must share one dtype and one device", nameof(module));
        var first = parameters[0].parameter;
        var alignment = AlignmentInBytes / (int)first.element_size();
        var segments = ImmutableArray.CreateBuilder<ParameterSegment>();
        var end = 0L;
        foreach (var (name, parameter) in parameters)
        {
            segments.Add(new(name, [.. parameter.shape], end, parameter.numel()));
            end = RoundUp(end + parameter.numel(), alignment);
            if (parameter.dim() >= 2)
                MatrixLength = end;
        }
        Segments = segments.ToImmutable();
        using var scope = NewDisposeScope();
        Values = zeros(RoundUp(end, NormRow), first.dtype, first.device).DetachFromDisposeScope();
        Gradients = zeros_like(Values).DetachFromDisposeScope();
        Repoint(parameters);
    }

    /// <summary>The parameters, [n]; owned by this object.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients, [n]; owned by this object. Backward adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>Elements at the start of the buffers that belong to parameters of two or more dimensions.</summary>
    public long MatrixLength { get; }

    /// <summary>Where each parameter lies.</summary>
    public ImmutableArray<ParameterSegment> Segments { get; }

    /// <summary>Cuts a buffer of this layout into one view per parameter.</summary>
    /// <param name="flat"><see cref="Values"/>, <see cref="Gradients"/>, or another tensor of their length.</param>
    /// <returns>Views by parameter name, owned by the caller's scope.</returns>
    public IReadOnlyDictionary<string, Tensor> Views(Tensor flat) => Segments.ToDictionary(s => s.Name, s => View(flat, s));

    /// <summary>The Euclidean norm over all gradients.</summary>
    /// <returns>A scalar on the device, owned by the caller's scope.</returns>
    /// <remarks>Summed in rows of fixed length, so that the result does not depend on the number of threads and long buffers lose no precision.</remarks>
    public Tensor GradientNorm()
    {
        using var scope = NewDisposeScope();
        return linalg.vector_norm(linalg.vector_norm(Gradients.view(-1, NormRow), 2, [1], false), 2, [0], false).MoveToOuterDisposeScope();
    }

    /// <summary>The factor that brings gradients down to a norm of at most <paramref name="maxNorm"/>, as PyTorch clips: min(1, maxNorm / (norm + 1e-6)).</summary>
    /// <param name="norm">What <see cref="GradientNorm"/> returned.</param>
    /// <param name="maxNorm">The limit.</param>
    public static double ClipScale(double norm, double maxNorm) => Math.Min(1, maxNorm / (norm + 1e-6));

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private static long RoundUp(long value, long multiple) => (value + multiple - 1) / multiple * multiple;

    private static Tensor View(Tensor flat, ParameterSegment segment) => flat.narrow(0, segment.Offset, segment.Length).view([.. segment.Shape]);

    private void Repoint((string name, TorchSharp.Modules.Parameter parameter)[] parameters)
    {
        using var _ = no_grad();
        foreach (var ((_, parameter), segment) in parameters.Zip(Segments))
        {
            var value = View(Values, segment);
            value.copy_(parameter);
            parameter.set_(value);
            parameter.grad = View(Gradients, segment);
        }
    }
}
