// Legend: B rows, T tokens, N = B·T in sequence order, D model width, H heads, K head width.
using MixtureOfTransformers.Models;
using TorchSharp.Utils;
using static TorchSharp.torch;

#pragma warning disable RS0030 // what is measured here is libtorch's own attention, not what Attention.Attend has become

namespace MixtureOfTransformers.Benchmarks.Naive;

/// <summary>Algorithm 1 written the obvious way: every untied part masks and merges on its own, and every projection is a multiplication of its own.</summary>
internal sealed class NaiveMotLayer : nn.Module<Tensor, Tensor[], NaiveRotary, Tensor>
{
    [ComponentName(Name = "wq")] private readonly ByMask<NaiveLinear> _wq;
    [ComponentName(Name = "wk")] private readonly ByMask<NaiveLinear> _wk;
    [ComponentName(Name = "wv")] private readonly ByMask<NaiveLinear> _wv;
    [ComponentName(Name = "wo")] private readonly ByMask<NaiveLinear> _wo;
    [ComponentName(Name = "q_norm")] private readonly ByMask<NaiveNorm> _qNorm;
    [ComponentName(Name = "k_norm")] private readonly ByMask<NaiveNorm> _kNorm;
    [ComponentName(Name = "feed_forward")] private readonly ByMask<NaiveFeedForward> _feedForward;
    [ComponentName(Name = "attention_norm")] private readonly ByMask<NaiveNorm> _attentionNorm;
    [ComponentName(Name = "ffn_norm")] private readonly ByMask<NaiveNorm> _ffnNorm;
    private readonly MotConfig _config;
    private readonly int _length;

    /// <param name="config">The model's shape.</param>
    /// <param name="length">Tokens per row, T.</param>
    /// <param name="weight">The weight of that name in this layer of a <see cref="MotModel"/>; copied.</param>
    public NaiveMotLayer(MotConfig config, int length, Func<string, Tensor> weight) : base(nameof(NaiveMotLayer))
    {
        (_config, _length) = (config, length);
        var towers = config.EffectiveTowers;
        Tensor Projection(int tower, int which) => weight($"wqkv.{tower}.weight").narrow(0, which * config.Dim, config.Dim);
        ByMask<NaiveNorm> Norms(Func<int, string> name) => new(towers.Select(t => new NaiveNorm(weight(name(t)), config.NormEpsilon)));
        _wq = new(towers.Select(t => new NaiveLinear(Projection(t, 0))));
        _wk = new(towers.Select(t => new NaiveLinear(Projection(t, 1))));
        _wv = new(towers.Select(t => new NaiveLinear(Projection(t, 2))));
        _wo = new(towers.Select(t => new NaiveLinear(weight($"wo.{t}.weight"))));
        (_qNorm, _kNorm) = (Norms(t => $"qk_norm.q.{t}.weight"), Norms(t => $"qk_norm.k.{t}.weight"));
        _feedForward = new(towers.Select(t => new NaiveFeedForward(weight($"feed_forward.{t}.w13.weight"), weight($"feed_forward.{t}.w2.weight"))));
        (_attentionNorm, _ffnNorm) = (Norms(t => $"attention_norm.{t}.weight"), Norms(t => $"ffn_norm.{t}.weight"));
        RegisterComponents();
    }

    /// <param name="x_ND">Residual stream in sequence order, [N, D].</param>
    /// <param name="masks">Which tokens each modality has, [N], Bool.</param>
    /// <param name="rotary">Positions.</param>
    /// <returns>[N, D], owned by the caller's scope.</returns>
    public override Tensor forward(Tensor x_ND, Tensor[] masks, NaiveRotary rotary)
    {
        using var scope = NewDisposeScope();
        var q_BTHK = rotary.Apply(Heads(_qNorm.call(PerHead(_wq.call(x_ND, masks)), masks)));
        var k_BTHK = rotary.Apply(Heads(_kNorm.call(PerHead(_wk.call(x_ND, masks)), masks)));
        var v_BTHK = Heads(_wv.call(x_ND, masks));
        var a_BHTK = nn.functional.scaled_dot_product_attention(q_BTHK.transpose(1, 2), k_BTHK.transpose(1, 2), v_BTHK.transpose(1, 2), null!, 0.0, true);
        var o_ND = _wo.call(a_BHTK.transpose(1, 2).reshape(-1, _config.Dim), masks);
        var h_ND = x_ND + _attentionNorm.call(o_ND, masks);
        return (h_ND + _ffnNorm.call(_feedForward.call(h_ND, masks), masks)).MoveToOuterDisposeScope();
    }

    private Tensor PerHead(Tensor x_ND) => x_ND.reshape(x_ND.shape[0], _config.HeadCount, _config.HeadDim);

    private Tensor Heads(Tensor x) => x.reshape(-1, _length, _config.HeadCount, _config.HeadDim);
}
