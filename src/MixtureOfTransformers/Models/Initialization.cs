using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Initial weights. The paper does not state its own (SPEC §1.4); these are ours: matrices N(0, 1/fan-in), embeddings N(0, 1) where the branch output
/// is normalised (each branch then adds a vector of the same length) and N(0, 0.02²) otherwise, head N(0, 0.02²), norms 1. Towers are drawn independently.</summary>
public static class Initialization
{
    private const double SmallDeviation = 0.02;

    /// <summary>Draws every weight of <paramref name="model"/> in the order of its parameter names.</summary>
    /// <param name="model">A model on any device but <c>meta</c>.</param>
    /// <param name="generator">A CPU generator; the same seed gives the same weights on every device.</param>
    public static void Apply(MotModel model, Generator generator)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (parameter.dim() < 2)
                continue; // norms start at 1 (and bias 0)
            var drawn = randn(parameter.shape, ScalarType.Float32, generator: generator).mul_(Deviation(name, parameter.numel() / parameter.shape[0], model.Config));
            parameter.copy_(drawn);
        }
    }

    private static double Deviation(string name, long fanIn, MotConfig config) => name switch
    {
        "tok_embeddings" => config.NormPlacement == NormPlacement.Output ? 1 : SmallDeviation,
        "output.weight" => SmallDeviation,
        "patches.output.weight" when config.Diffusion!.Unet is null => 0, // the first prediction is zero, as in DiT
        "patches.unet.output.weight" => 0,
        // Pre-norm sums 2L branches of unit scale: damp what each writes to the stream, as GPT-2 does.
        _ when config.NormPlacement == NormPlacement.Pre && (name.Contains(".wo.") || name.Contains(".w2.")) => 1 / Math.Sqrt(2.0 * config.LayerCount * fanIn),
        _ => 1 / Math.Sqrt(fanIn),
    };
}
