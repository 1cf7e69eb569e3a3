// Legend: N packed tokens, D model width. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Runs a layer without keeping its activations: of each layer only the input, [N, D], waits for the backward pass, which runs the layer once more.
/// A third more FLOPs for the memory of one layer in place of all; loss and gradients are bit for bit the same (Chen et al. 2016, arXiv:1604.06174).</summary>
/// <remarks>The gradients of the layer's weights are added by a backward pass inside the backward pass, so the outer one must be <c>backward()</c>, once; <c>autograd.grad</c>
/// would not see them. Routing and context are kept until then.</remarks>
internal sealed class ActivationCheckpoint : autograd.SingleTensorFunction<ActivationCheckpoint>
{
    private const string LayerKey = "layer", RoutingKey = "routing", ContextKey = "context", FailureKey = "failure";

    /// <inheritdoc/>
    public override string Name => nameof(ActivationCheckpoint);

    /// <summary>Runs the layer, with gradients on.</summary>
    /// <param name="layer">The layer; must outlive the backward pass.</param>
    /// <param name="xm_ND">What the layer takes, [N, D]; has a gradient.</param>
    /// <param name="routing">Where each tower's tokens are.</param>
    /// <param name="context">Positions and mask; no cache.</param>
    /// <returns>What the layer returns, [N, D], owned by the caller's scope.</returns>
    public static Tensor Run(MotLayer layer, Tensor xm_ND, ModalityRouting routing, AttentionContext context)
    {
        using var scope = NewDisposeScope(); // the node leaves an empty tensor of the output's shape in the scope it was made in
        return apply(xm_ND, layer, routing, context).MoveToOuterDisposeScope();
    }

    /// <summary>Called by <see cref="Run"/>, with gradients off.</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (xm_ND, layer, routing, context) = ((Tensor)vars[0], (MotLayer)vars[1], (ModalityRouting)vars[2], (AttentionContext)vars[3]);
        ctx.save_for_backward([xm_ND]);
        ctx.set_materialize_grads(false);
        ctx.save_data(LayerKey, layer);
        ctx.save_data(RoutingKey, routing);
        ctx.save_data(ContextKey, context);
        ctx.save_data(FailureKey, BackwardFailure.OfThisThread);
        routing.Retain();
        context.Retain();
        return layer.call(xm_ND, routing, context);
    }

    /// <summary>Runs the layer again, now with gradients, and goes back through it.</summary>
    /// <returns>The gradient of the layer's input; it stays in the scope of the outer backward pass, as TorchSharp keeps it.</returns>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => ((BackwardFailure)ctx.get_data(FailureKey)).Guard(4, () => Rerun(ctx, grad_output));

    private static List<Tensor> Rerun(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        using var routing = (ModalityRouting)ctx.get_data(RoutingKey);
        using var context = (AttentionContext)ctx.get_data(ContextKey);
        Tensor xm_ND;
        using (enable_grad())
        {
            xm_ND = ctx.get_saved_variables()[0].detach().requires_grad_(true);
            ((MotLayer)ctx.get_data(LayerKey)).call(xm_ND, routing, context).backward([grad_output]);
            BackwardFailure.ThrowIfAny(); // of the inner pass
        }
        ctx.Dispose();         // else the input lives as long as the graph
        grad_output.Dispose(); // else it lives as long as the scope of the outer backward pass
        return [xm_ND.grad!.MoveToOuterDisposeScope(), null!, null!, null!];
    }
}
