// Legend: N packed tokens grouped by tower, D model width, E width of queries, keys and values, F feed-forward width, V vocabulary. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>The operations that a training step of one model consists of, each on inputs of the right shape: the only place here that knows what a layer is made of.</summary>
/// <param name="config">The architecture.</param>
/// <param name="computeType">Dtype of activations.</param>
/// <param name="routing">Where each tower's tokens are; stays the caller's.</param>
/// <param name="context">Of whole sequences; stays the caller's.</param>
/// <param name="device">Where everything lives.</param>
/// <param name="time">The clock.</param>
internal sealed class StepOperations(MotConfig config, ScalarType computeType, ModalityRouting routing, AttentionContext context, Device device, TimeProvider time)
{
    private readonly int _dim = config.Dim, _inner = config.EffectiveFeedForwardDim, _layers = config.LayerCount;
    private readonly int _keyValueDim = config.EffectiveKeyValueHeadCount * config.HeadDim;

    /// <summary>The operations in the order of a step. Their tensors belong to the caller's scope.</summary>
    public IReadOnlyList<ProfiledOperation> Of(Batch batch)
    {
        using var generator = new Generator(1);
        var (x_ND, y_ND, f_NF) = (Input(_dim, generator), Input(_dim, generator), Input(_inner, generator));
        var wqkv = Projection(UntiedParts.QueryKeyValue, _dim, _dim + (2 * _keyValueDim), generator);
        var wo = Projection(UntiedParts.Output, _dim, _dim, generator);
        var w13 = Projection(UntiedParts.FeedForward, _dim, 2 * _inner, generator);
        var w2 = Projection(UntiedParts.FeedForward, _inner, _dim, generator);
        var norm = new PerTower<RmsNorm>(config.CopiesOf(UntiedParts.Norms), _ => new RmsNorm(_dim, config.NormEpsilon, device));
        return
        [
            Embedding(batch, generator),
            Operation("QKV projection", _layers, () => wqkv.Project(x_ND, routing), x_ND),
            Attention("attention", context, generator),
            Operation("output projection", _layers, () => wo.Project(x_ND, routing), x_ND),
            Operation("norm and residual", 2 * _layers, () => norm.Normalise(x_ND, routing, residualm_ND: y_ND), x_ND, y_ND),
            Operation("feed-forward GEMM in", _layers, () => w13.Project(x_ND, routing), x_ND),
            SwiGlu(generator),
            Operation("feed-forward GEMM out", _layers, () => w2.Project(f_NF, routing), f_NF),
            Operation("final norm", 1, () => norm.Normalise(x_ND, routing), x_ND),
            HeadAndLoss(batch, x_ND, generator),
        ];
    }

    /// <summary>Attention once more, causal but for images, whose tokens all see each other: no part of the step. Its tensors belong to the caller's scope.</summary>
    /// <param name="images">Of the same sequences; stays the caller's.</param>
    public ProfiledOperation AttentionInsideImages(AttentionContext images)
    {
        using var generator = new Generator(1);
        return Attention("attention, full inside images", images, generator);
    }

    private ProfiledOperation Embedding(Batch batch, Generator generator)
    {
        var embeddings_VD = Upload.To(randn([config.VocabularySize, _dim], generator: generator), device).requires_grad_();
        var tokensm_N = routing.Group(Upload.To(tensor(batch.Inputs), device));
        return Operation("embedding", 1, () => embeddings_VD.index_select(0, tokensm_N).to(computeType));
    }

    /// <summary>QK-norm, rotary, and the way to sequence order and back included.</summary>
    private ProfiledOperation Attention(string name, AttentionContext context, Generator generator)
    {
        var qkvm_NE = Input(_dim + (2 * _keyValueDim), generator);
        var qkNorm = config.QkNorm == QkNorm.None ? null : new QueryKeyNorm(config, device);
        return Operation(name, _layers, () =>
        {
            if (context.TryAttendFused(0, qkvm_NE, qkNorm, routing) is { } fused)
                return fused;
            var parts = qkvm_NE.split([_dim, _keyValueDim, _keyValueDim], -1);
            var (qm_ND, km_ND) = qkNorm is null ? (parts[0], parts[1]) : qkNorm.Normalise(parts[0], parts[1], routing);
            return context.Attend(0, qm_ND, km_ND, parts[2], routing);
        }, qkvm_NE);
    }

    private ProfiledOperation SwiGlu(Generator generator)
    {
        var gateUp = Input(2 * _inner, generator);
        return Operation("SwiGLU", _layers, () => FeedForward.Gate(gateUp), gateUp);
    }

    private ProfiledOperation HeadAndLoss(Batch batch, Tensor x_ND, Generator generator)
    {
        var head = Drawn(new Linear(_dim, config.VocabularySize, device), generator);
        var targetsm_N = routing.Group(Upload.To(tensor(batch.Targets), device));
        var lossm_N = empty(targetsm_N.shape, device: device);
        return Operation("head and loss", 1, () => FusedHeadLoss.Supports(x_ND) ? FusedHeadLoss.Apply(x_ND, head.Weight, targetsm_N, lossm_N, zLossWeight: 0)
            : nn.functional.cross_entropy(head.call(x_ND).to(ScalarType.Float32), targetsm_N, ignore_index: Batch.IgnoredTarget, reduction: nn.Reduction.Sum), x_ND);
    }

    private Tensor Input(int width, Generator generator) => Upload.To(randn([routing.TokenCount, width], generator: generator), device).to(computeType).requires_grad_();

    private PerTower<Linear> Projection(UntiedParts part, int from, int to, Generator generator) =>
        Drawn(new PerTower<Linear>(config.CopiesOf(part), _ => new Linear(from, to, device)), generator);

    private ProfiledOperation Operation(string name, int count, Func<Tensor> forward, params Tensor[] inputs) => new(name, count, forward, inputs, device, time);

    private static TModule Drawn<TModule>(TModule module, Generator generator)
        where TModule : nn.Module
    {
        using var _ = no_grad();
        foreach (var parameter in module.parameters())
            parameter.copy_(randn(parameter.shape, generator: generator) / Math.Sqrt(parameter.shape[1])); // from the CPU
        return module;
    }
}
