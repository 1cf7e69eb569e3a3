// Legend: V vocabulary, D model width.
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Generation;

/// <summary>The weights of a model as decoding reads them: its own memory where it computes in fp32, copies in bf16 or int8. A snapshot where they are copies.</summary>
internal sealed unsafe class DecodeWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _parameters;
    private readonly MotConfig _config;
    private readonly ScalarType _dtype;

    /// <summary>Reads, and where needed copies, the weights.</summary>
    /// <param name="model">The model; outlives the result.</param>
    /// <param name="format">Of the matrices. Norms and embeddings stay in fp32.</param>
    public DecodeWeights(MotModel model, DecodeWeightFormat format)
    {
        (_config, _dtype) = (model.Config, format == DecodeWeightFormat.Int8 ? ScalarType.Int8 : model.ComputeType);
        _parameters = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        Layers = [.. Enumerable.Range(0, _config.LayerCount).Select(Layer)];
        FinalNorm = Norms("norm", _config.Dim);
        Head = Matrix("output.weight");
        Embeddings_VD = TensorMemory.Pointer<float>(_parameters["tok_embeddings"]);
    }

    /// <summary>The layers, first to last.</summary>
    public DecodeLayer[] Layers { get; }

    /// <summary>The norm before the head, by tower.</summary>
    public DecodeNorm[] FinalNorm { get; }

    /// <summary>The output head, [V, D].</summary>
    public DecodeMatrix Head { get; }

    /// <summary>The input table, [V, D].</summary>
    public float* Embeddings_VD { get; }

    /// <summary>Whether the kernels can decode with this model: on the CPU, fp32 weights, fp32 or bf16 activations, towers of equal width, every width a multiple of a vector's, and nothing that routers choose.</summary>
    public static bool Supports(MotModel model) =>
        model.ComputeType is ScalarType.Float32 or ScalarType.BFloat16
        && !model.Config.ChoosesAmongTokens && !model.Config.HasUnequalTowers && model.Config.AttentionDim == model.Config.Dim && model.Config.HeadDim % VectorMath.Lanes == 0 && model.Config.EffectiveFeedForwardDim % VectorMath.Lanes == 0
        && model.parameters().All(p => p.dtype == ScalarType.Float32 && TensorMemory.IsReachable(p));

    /// <summary>Guards what only the kernels can do.</summary>
    /// <exception cref="MotException">They cannot decode with this model.</exception>
    public static void ThrowIfUnsupported(MotModel model)
    {
        if (!Supports(model))
            throw new MotException($"weights are read in int8 only on cpu, where a model computes in fp32 or bf16 and its widths are multiples of {VectorMath.Lanes}; "
                + $"this one is on {model.Device} in {model.ComputeType}, with heads of {model.Config.HeadDim} and feed-forward layers of "
                + $"{model.Config.EffectiveFeedForwardDim}{(model.Config.HasUnequalTowers ? " and towers of unequal width" : "")}{(model.Config.ChoosesAmongTokens ? ", and routers that choose" : "")}: decode in its compute dtype");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers)
            layer.Dispose();
        Head.Dispose();
    }

    private DecodeLayer Layer(int index) => new()
    {
        QueryKeyValue = Matrices($"layers.{index}.wqkv", "weight"),
        Output = Matrices($"layers.{index}.wo", "weight"),
        GateUp = Matrices($"layers.{index}.feed_forward", "w13.weight"),
        Down = Matrices($"layers.{index}.feed_forward", "w2.weight"),
        AttentionNorm = Norms($"layers.{index}.attention_norm", _config.Dim),
        FeedForwardNorm = Norms($"layers.{index}.ffn_norm", _config.Dim),
        QueryNorm = Norms($"layers.{index}.qk_norm.q", _config.HeadDim),
        KeyNorm = Norms($"layers.{index}.qk_norm.k", _config.HeadDim),
    };

    private DecodeMatrix Matrix(string name) => DecodeMatrix.Of(_parameters[name], _dtype);

    private DecodeMatrix[] Matrices(string part, string weight) => [.. Copies(part, weight).Select(copy => Matrix($"{part}.{copy}.{weight}"))];

    private DecodeNorm[] Norms(string part, int dim) => [.. Copies(part, "weight").Select(copy => new DecodeNorm(
        TensorMemory.Pointer<float>(_parameters[$"{part}.{copy}.weight"]),
        _parameters.TryGetValue($"{part}.{copy}.bias", out var bias) ? TensorMemory.Pointer<float>(bias) : null, dim, _config.NormEpsilon))];

    private IEnumerable<int> Copies(string part, string weight) => Enumerable.Range(0, _config.TowerCount).TakeWhile(copy => _parameters.ContainsKey($"{part}.{copy}.{weight}"));
}
