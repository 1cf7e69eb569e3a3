// Legend: B rows, T tokens, N = B·T, D model width, V vocabulary. Suffix m: rows grouped by tower.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace MixtureOfTransformers.Models;

/// <summary>A decoder over one joint vocabulary: shared embedding, <see cref="MotLayer"/>s, final norm per tower, shared untied head.
/// Dense, Mixture-of-Transformers and the ablations differ only in <see cref="MotConfig"/>.</summary>
/// <remarks>One <c>backward()</c> for each forward pass: it frees what it has used. Weights that have a <c>grad</c> get their gradients added to it, so
/// <c>autograd.grad</c> does not see them. On the CPU, head widths that are multiples of 32 and inner widths that are multiples of 16 take the fast path.</remarks>
public sealed class MotModel : nn.Module<Tensor, ModalityRouting, AttentionContext, Tensor>
{
    [ComponentName(Name = "tok_embeddings")] private readonly Parameter _embeddings;
    [ComponentName(Name = "layers")] private readonly TorchSharp.Modules.ModuleList<MotLayer> _layers;
    [ComponentName(Name = "norm")] private readonly PerTower<RmsNorm> _norm;
    [ComponentName(Name = "output")] private readonly Linear _head;
    [ComponentName(Name = "patches")] private readonly PatchProjections? _patches;

    /// <summary>Builds the model with weights drawn from <paramref name="generator"/>.</summary>
    /// <param name="config">The architecture.</param>
    /// <param name="device">Where the weights live; <c>meta</c> for shapes without memory.</param>
    /// <param name="generator">A CPU generator; null leaves the weights uninitialised, for loading a checkpoint into.</param>
    /// <param name="computeType">Dtype of activations: fp32, or bf16 with fp32 master weights.</param>
    /// <param name="weightType">Dtype of the weights.</param>
    public MotModel(MotConfig config, Device device, Generator? generator, ScalarType computeType = ScalarType.Float32, ScalarType weightType = ScalarType.Float32)
        : base(nameof(MotModel))
    {
        Config = config.Validate();
        (Device, ComputeType) = (device, computeType);
        _embeddings = new Parameter(empty(config.VocabularySize, config.Dim, dtype: weightType, device: device));
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(index => new MotLayer(config, index, device, weightType))];
        _norm = new(config.CopiesOf(UntiedParts.Norms), tower => new RmsNorm(config.DimOf(tower), config.NormEpsilon, device, weightType), TowerWidths.OfStream(config));
        _head = new Linear(config.Dim, config.VocabularySize, device, weightType);
        _patches = config.Diffusion is null ? null : new PatchProjections(config.Diffusion, config.Dim, device, weightType);
        RegisterComponents();
        foreach (var parameter in parameters())
            parameter.DetachFromDisposeScope(); // the model owns its weights, whatever scope it was built in
        if (generator is not null)
            Initialization.Apply(this, generator);
    }

    /// <summary>The architecture.</summary>
    public MotConfig Config { get; }

    /// <summary>Where the weights live.</summary>
    public Device Device { get; }

    /// <summary>Dtype of activations.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>Whether backward runs each layer again in place of keeping its activations: a third more FLOPs, much less memory, the same gradients.
    /// For <c>backward()</c> alone, once for each forward pass.</summary>
    public bool ActivationCheckpointing { get; set; }

    /// <summary>Who decides which experts process a token, and which tokens pass a layer of <see cref="MixtureOfDepths"/>.</summary>
    /// <value>Experts and gates among all tokens, as in training, which is not causal: passes over a cache use the auxiliary routers where there are any, else
    /// <see cref="ExpertRouting.TokenChoice"/>.</value>
    /// <exception cref="InvalidOperationException">There are no auxiliary routers; see <see cref="UseRouters"/>.</exception>
    public ExpertRouting ExpertRouting
    {
        get => ExpertLayers.FirstOrDefault()?.Routing ?? DepthLayers.FirstOrDefault()?.Routing ?? ExpertRouting.ExpertChoice;
        set
        {
            if (value == ExpertRouting.Auxiliary && !HasRouters)
                throw new InvalidOperationException("the model has no auxiliary routers; train them first, or choose ExpertRouting.TokenChoice");
            foreach (var layer in ExpertLayers)
                layer.Routing = value;
            foreach (var layer in DepthLayers)
                layer.Routing = value;
        }
    }

    /// <summary>Seed of the noise on the experts' scores in the next passes, where <see cref="ExpertChoice.GumbelNoise"/> asks for it; a training session
    /// sets it for each of its passes and takes it away again.</summary><value>Null: no noise.</value>
    public ulong? NoiseSeed
    {
        get => ExpertLayers.FirstOrDefault()?.NoiseSeed;
        set
        {
            foreach (var layer in ExpertLayers)
                layer.NoiseSeed = value;
        }
    }

    /// <summary>Lets these routers decide where <see cref="ExpertRouting"/> is <see cref="ExpertRouting.Auxiliary"/>.</summary>
    /// <param name="routers">Made for this configuration; they stay the caller's and must live as long as they are used.</param>
    public void UseRouters(AuxiliaryRouters routers)
    {
        for (var layer = 0; layer < _layers.Count; layer++)
        {
            if (_layers[layer].Experts is { } experts)
                experts.AuxiliaryRouters = routers.OfLayer(layer);
            if (_layers[layer].Depth is { } depth)
                depth.AuxiliaryRouter = routers.DepthOfLayer(layer);
        }
    }

    /// <summary>Whether it has auxiliary routers to use.</summary>
    public bool HasRouters => ExpertLayers.Any(layer => layer.AuxiliaryRouters.Count > 0) || DepthLayers.Any(layer => layer.AuxiliaryRouter is not null);

    /// <summary>Told of the decisions of every router in every forward pass; null for nobody.</summary>
    public Action<ExpertDecision>? ExpertObserver
    {
        get => ExpertLayers.FirstOrDefault()?.Observer;
        set
        {
            foreach (var layer in ExpertLayers)
                layer.Observer = value;
        }
    }

    /// <summary>Told which tokens passed, of every layer of <see cref="MixtureOfDepths"/> in every forward pass; null for nobody.</summary>
    public Action<DepthDecision>? DepthObserver
    {
        get => DepthLayers.FirstOrDefault()?.Observer;
        set
        {
            foreach (var layer in DepthLayers)
                layer.Observer = value;
        }
    }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<MotLayer> Layers => [.. _layers];

    private IEnumerable<ExpertFeedForward> ExpertLayers => _layers.Select(layer => layer.Experts).OfType<ExpertFeedForward>();

    private IEnumerable<DepthRouter> DepthLayers => _layers.Select(layer => layer.Depth).OfType<DepthRouter>();

    /// <summary>The output head, [V, D]; owned by the model.</summary>
    internal Tensor HeadWeight => _head.Weight;

    /// <summary>Routes tokens to this model's towers; dispose the result after use.</summary>
    /// <param name="modalities">Modality index of every token in sequence order, [N].</param>
    public ModalityRouting Route(ReadOnlySpan<byte> modalities) => ModalityRouting.Create(modalities, Config.EffectiveTowers.AsSpan(), Device);

    /// <summary>Logits for every token.</summary>
    /// <param name="tokens_BT">Token ids, [B, T], Int64.</param>
    /// <param name="routing">Where each tower's tokens are.</param>
    /// <param name="context">Positions, mask and cache.</param>
    /// <returns>[B, T, V] in sequence order, in the compute dtype, owned by the caller's scope.</returns>
    public override Tensor forward(Tensor tokens_BT, ModalityRouting routing, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        var logits_NV = Logits(routing.Restore(HiddenStates(tokens_BT, routing, context)));
        return logits_NV.reshape(context.RowCount, context.Length, -1).MoveToOuterDisposeScope();
    }

    /// <summary>The final normalised states, before the head.</summary>
    /// <param name="tokens_BT">Token ids, [B, T], Int64.</param>
    /// <param name="routing">Where each tower's tokens are.</param>
    /// <param name="context">Positions, mask and cache.</param>
    /// <param name="observe">Shown the residual stream, [N, D] grouped by tower, with the number of layers it has passed, from 0 (the embeddings) on; the tensor is gone
    /// after the call. Null for nobody.</param>
    /// <param name="images">Images that are vectors: their patches take the place of the embeddings of their tokens. Null for none.</param>
    /// <returns>[N, D] grouped by tower, owned by the caller's scope. A loss needs no other order: group its targets instead.</returns>
    public Tensor HiddenStates(Tensor tokens_BT, ModalityRouting routing, AttentionContext context, Action<int, Tensor>? observe = null, EmbeddedPatches? images = null)
    {
        using var scope = NewDisposeScope();
        var xm_ND = Embed(tokens_BT, routing, images);
        observe?.Invoke(0, xm_ND);
        for (var index = 0; index < _layers.Count; index++)
        {
            var layer = _layers[index];
            xm_ND = ActivationCheckpointing && is_grad_enabled() ? ActivationCheckpoint.Run(layer, xm_ND, routing, context) : layer.call(xm_ND, routing, context);
            observe?.Invoke(index + 1, xm_ND);
        }
        context.Complete();
        return _norm.Normalise(xm_ND, routing).MoveToOuterDisposeScope();
    }

    /// <summary>The final normalised states of the last token of each row, without gradients: the last layer computes nothing else. Keys and values of all tokens go to the cache.</summary>
    /// <param name="tokens_BT">Token ids, [B, T], Int64.</param>
    /// <param name="routing">Where each tower's tokens are.</param>
    /// <param name="context">Positions and cache; no row may end in padding.</param>
    /// <param name="images">As for <see cref="HiddenStates"/>.</param>
    /// <returns>[B, D] in the order of the rows, owned by the caller's scope.</returns>
    internal Tensor LastStates(Tensor tokens_BT, ModalityRouting routing, AttentionContext context, EmbeddedPatches? images = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var last = new LastTokens(routing, context.RowCount, context.Length, Device);
        var xm_ND = Embed(tokens_BT, routing, images);
        foreach (var layer in _layers.SkipLast(1))
            xm_ND = layer.call(xm_ND, routing, context);
        var xm_BD = _layers[^1].Last(xm_ND, routing, context, last);
        context.Complete();
        return last.Routing.Restore(_norm.Normalise(xm_BD, last.Routing)).MoveToOuterDisposeScope();
    }

    private Tensor Embed(Tensor tokens_BT, ModalityRouting routing, EmbeddedPatches? images)
    {
        using var scope = NewDisposeScope();
        var xm_ND = _embeddings.index_select(0, routing.Group(tokens_BT.reshape(-1))).to(ComputeType);
        if (images is not null)
            xm_ND = xm_ND.index_copy(0, RowsOf(images.Tokens, routing), images.Vectors.to(ComputeType));
        if (_norm.Widths is { } widths)
            xm_ND = widths.Apply(xm_ND, routing, (_, x) => x); // a narrow tower uses the first columns
        return xm_ND.MoveToOuterDisposeScope();
    }

    /// <summary>Images that are vectors on their way into the residual stream.</summary>
    /// <param name="images">Noised or not.</param>
    /// <returns>Tensors of the caller's scope, for <see cref="HiddenStates"/> and <see cref="PredictPatches"/>.</returns>
    public EmbeddedPatches EmbedPatches(PatchInput images) => Patches.Embed(images);

    /// <summary>What the model predicts of each patch: noise, or the direction of the flow; see <see cref="NoiseKind"/>.</summary>
    /// <param name="xm_ND">[N, D], normalised, grouped by tower.</param>
    /// <param name="images">The patches that these states are of.</param>
    /// <param name="routing">The order.</param>
    /// <returns>[P, X] in the dtype of the weights, owned by the caller's scope.</returns>
    public Tensor PredictPatches(Tensor xm_ND, EmbeddedPatches images, ModalityRouting routing)
    {
        using var scope = NewDisposeScope();
        return Patches.Predict(xm_ND.index_select(0, RowsOf(images.Tokens, routing)), images).MoveToOuterDisposeScope();
    }

    private PatchProjections Patches => _patches ?? throw new InvalidOperationException("the model has no diffusion: its images are tokens");

    /// <summary>The grouped rows of tokens, Int64 on the device, owned by the caller's scope.</summary>
    internal Tensor RowsOf(int[] tokens, ModalityRouting routing) => Upload.To(tensor(tokens.Select(token => (long)(routing.Rows?[token] ?? token)).ToArray()), Device);

    /// <summary>The output head, shared by all modalities.</summary>
    /// <param name="x_ND">[…, D], normalised.</param>
    /// <returns>[…, V], owned by the caller's scope.</returns>
    public Tensor Logits(Tensor x_ND) => _head.call(x_ND);
}
