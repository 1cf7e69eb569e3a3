using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>A differentiable operation with hand-written forward and backward; takes care of the lifetimes that TorchSharp's custom functions leave to their callers.</summary>
/// <remarks>TorchSharp keeps an empty copy of each output, what was saved, and every gradient until the surrounding dispose scope or the graph ends. Here each goes as
/// soon as autograd has taken it over: a backward pass frees as it proceeds. It can therefore run only once per graph.</remarks>
/// <typeparam name="TSelf">The operation.</typeparam>
/// <typeparam name="TPlan">What it needs beside tensors.</typeparam>
internal abstract class FusedFunction<TSelf, TPlan> : autograd.SingleTensorFunction<TSelf>
    where TSelf : FusedFunction<TSelf, TPlan>, new()
    where TPlan : class
{
    private const string Plan = nameof(Plan), Count = nameof(Count), Failure = nameof(Failure);
    private static readonly TSelf Own = new();

    /// <inheritdoc/>
    public override string Name => typeof(TSelf).Name;

    /// <summary>Computes the result.</summary>
    /// <param name="plan">What is needed beside tensors.</param>
    /// <param name="inputs">The inputs; null where one is left out.</param>
    /// <returns>Owned by the caller's scope.</returns>
    public static Tensor Apply(TPlan plan, params Tensor?[] inputs)
    {
        BackwardFailure.ThrowIfAny();
        using var scope = NewDisposeScope();
        var result = is_grad_enabled() ? apply([plan, .. inputs]) : Own.Forward(plan, inputs, []);
        return result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var saved = new List<Tensor>();
        var result = Forward((TPlan)vars[0], [.. vars.Skip(1).Cast<Tensor?>()], saved);
        ctx.save_for_backward([.. saved.Select(s => s.detach())]);
        ctx.save_data(Plan, vars[0]);
        ctx.save_data(Count, vars.Length);
        ctx.save_data(Failure, BackwardFailure.OfThisThread);
        ctx.set_materialize_grads(false);
        return result;
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        ((BackwardFailure)ctx.get_data(Failure)).Guard((int)ctx.get_data(Count), () => Differentiate(ctx, grad_output));

    /// <summary>The result, and in <paramref name="saved"/> what backward needs. Without gradients.</summary>
    protected abstract Tensor Forward(TPlan plan, Tensor?[] inputs, List<Tensor> saved);

    /// <summary>The gradient of each input, null for none; in tensors of its own.</summary>
    protected abstract Tensor?[] Backward(TPlan plan, Tensor gradient, IReadOnlyList<Tensor> saved);

    private List<Tensor> Differentiate(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ReturnedGradients.Release();
        using var scope = NewDisposeScope();
        var gradients = Backward((TPlan)ctx.get_data(Plan), grad_output.contiguous(), ctx.get_saved_variables());
        foreach (var gradient in gradients)
            gradient?.MoveToOuterDisposeScope();
        ReturnedGradients.Keep(gradients);
        grad_output.Dispose();
        ctx.Dispose();
        return [null!, .. gradients.Select(gradient => gradient!)];
    }
}
