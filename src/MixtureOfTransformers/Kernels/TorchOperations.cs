// Legend: D normalised width.
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Operations of libtorch that TorchSharp has no method for, called by way of TorchScript. On any device; on a GPU each is one kernel.</summary>
internal static class TorchOperations
{
    private const string Script = """
        def rms_norm(x: Tensor, width: int, eps: float):
            return torch.rms_norm(x, [width], None, eps)

        def mul_out(y: Tensor, a: Tensor, b: Tensor):
            return torch.mul(a, b, out=y)

        def addcmul_out(y: Tensor, x: Tensor, a: Tensor, b: Tensor):
            return torch.addcmul(x, a, b, out=y)

        def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], step: List[Tensor], divisor: Tensor, lr: float, beta1: float, beta2: float, decay: float, eps: float):
            torch._fused_adamw_(p, g, m, v, [], step, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False, grad_scale=divisor, found_inf=None)
            return p[0]

        """;

    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(Script));

    /// <summary>x / sqrt(mean(x²) + ε) over the last dimension, without a weight; statistics in fp32 or wider.</summary>
    /// <param name="x">[…, D].</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[…, D] in the dtype of <paramref name="x"/>, owned by the caller's scope.</returns>
    public static Tensor RmsNorm(Tensor x, double epsilon) => Call("rms_norm", x, x.shape[^1], epsilon);

    /// <summary>y = a · b, rounded once to the dtype of y. Without gradients.</summary>
    public static void MultiplyInto(Tensor y, Tensor a, Tensor b) => Call("mul_out", y, a, b).Dispose();

    /// <summary>y = x + a · b, rounded once to the dtype of y. Without gradients.</summary>
    public static void AddProductInto(Tensor y, Tensor x, Tensor a, Tensor b) => Call("addcmul_out", y, x, a, b).Dispose();

    /// <summary>One update of AdamW in one pass over memory.</summary>
    /// <param name="weights">Updated, fp32 as all others.</param>
    /// <param name="gradients">Divided by <paramref name="gradientDivisor"/>.</param>
    /// <param name="first">First moments, updated.</param>
    /// <param name="second">Second moments, updated.</param>
    /// <param name="step">Number of this update, a scalar on the device.</param>
    /// <param name="gradientDivisor">Divides the gradients first, a scalar on the device.</param>
    /// <param name="learningRate">Of this update.</param>
    /// <param name="beta1">Decay of the first moments.</param>
    /// <param name="beta2">Decay of the second moments.</param>
    /// <param name="weightDecay">Decay of the weights, times the learning rate.</param>
    /// <param name="epsilon">ε.</param>
    public static void AdamW(Tensor weights, Tensor gradients, Tensor first, Tensor second, Tensor step, Tensor gradientDivisor, double learningRate, double beta1, double beta2, double weightDecay, double epsilon) =>
        Call("adamw", Only(weights), Only(gradients), Only(first), Only(second), Only(step), gradientDivisor, learningRate, beta1, beta2, weightDecay, epsilon).Dispose();

    private static Tensor[] Only(Tensor x) => [x];

    private static Tensor Call(string name, params object[] arguments) => Unit.Value.invoke<Tensor>(name, arguments);
}
