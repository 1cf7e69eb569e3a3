using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>The auxiliary routers of a model, one for every router of its own: for causal inference (MoMa §2.4). Made after training; see <c>RouterTraining</c>.</summary>
public sealed class AuxiliaryRouters : nn.Module
{
    private readonly AuxiliaryRouter?[][] _layers; // by layer and tower
    private readonly AuxiliaryRouter?[] _depths;   // by layer

    private AuxiliaryRouters(AuxiliaryRouter?[][] layers, AuxiliaryRouter?[] depths) : base(nameof(AuxiliaryRouters))
    {
        (_layers, _depths) = (layers, depths);
        for (var layer = 0; layer < depths.Length; layer++)
            if (depths[layer] is { } router)
                register_module($"{layer}_depth", router);
        for (var layer = 0; layer < layers.Length; layer++)
            for (var tower = 0; tower < layers[layer].Length; tower++)
                if (layers[layer][tower] is { } router)
                    register_module($"{layer}_{tower}", router);
    }

    /// <summary>Routers for a configuration, with weights drawn from <paramref name="generator"/>, or not initialised.</summary>
    /// <param name="config">A configuration with experts or <see cref="MixtureOfDepths"/>.</param>
    /// <param name="device">Where they live.</param>
    /// <param name="generator">A CPU generator; null to load weights into them.</param>
    public static AuxiliaryRouters Create(MotConfig config, Device device, Generator? generator) => new([.. Enumerable.Range(0, config.LayerCount).Select(_ =>
        config.Experts.Select(experts => experts > 1 ? new AuxiliaryRouter(config.Dim, experts, device, generator) : null).ToArray())],
        [.. Enumerable.Range(0, config.LayerCount).Select(layer => config.MixtureOfDepths?.Has(layer) == true ? new AuxiliaryRouter(config.Dim, 1, device, generator) : null)]);

    /// <summary>Foretells whether a token passes a layer; null where all do.</summary>
    public AuxiliaryRouter? DepthOfLayer(int layer) => _depths[layer];

    /// <summary>Those of one layer by tower; null where a tower has a single expert.</summary>
    public IReadOnlyList<AuxiliaryRouter?> OfLayer(int layer) => _layers[layer];
}
