// Legend: T tokens, D model width, H query heads, G key/value heads, K head width, F feed-forward width.
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Multiway networks (BEiT-3, TorchScale's <c>MultiwayNetwork</c>) send what is before one position through one copy of a module and the rest through another.
/// That is Mixture-of-Transformers with two towers on an input whose modalities are contiguous, and nothing else is.</summary>
public sealed class MultiwayTests
{
    private const int Length = 12;

    [Theory]
    [InlineData(NormPlacement.Output)]
    [InlineData(NormPlacement.Pre)]
    public void ContiguousInputThroughTwoTowersIsMultiwayAtEverySplit(NormPlacement placement)
    {
        using var model = TestModels.Create(TestModels.Config(2, placement), 1);
        for (var split = 0; split <= Length; split++)
            Assert.True(Difference(model, split, [.. Enumerable.Range(0, Length).Select(i => (byte)(i < split ? 0 : 1))]) < 1e-10, $"split at {split}");
    }

    [Fact]
    public void InterleavedInputIsNot()
    {
        using var model = TestModels.Create(TestModels.Config(), 1);
        Assert.True(Difference(model, Length / 2, [.. Enumerable.Range(0, Length).Select(i => (byte)(i % 2))]) > 1e-2);
    }

    /// <summary>The largest difference between two layers of the model and the same weights used as Multiway networks.</summary>
    private static double Difference(MotModel model, int split, byte[] modalities)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var generator = new Generator(2);
        var x_TD = randn(Length, model.Config.Dim, dtype: ScalarType.Float64, generator: generator);
        using var routing = model.Route(modalities);
        using var context = new AttentionContext(model.Config, 1, Length, CPU, ScalarType.Float64);
        var xm_TD = model.Layers.Aggregate(routing.Group(x_TD), (x, layer) => layer.call(x, routing, context));
        var expected_TD = model.Layers.Select(layer => new MultiwayLayer(layer, model.Config, split)).Aggregate(x_TD, (x, layer) => layer.Run(x));
        return TestModels.Difference(expected_TD, routing.Restore(xm_TD));
    }

    /// <summary>A transformer layer in which every projection, norm and feed-forward layer is a Multiway network.</summary>
    private sealed class MultiwayLayer(MotLayer layer, MotConfig config, int split)
    {
        private readonly Dictionary<string, Tensor> _weights = layer.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);

        public Tensor Run(Tensor x_TD)
        {
            if (config.NormPlacement == NormPlacement.Pre)
            {
                var hidden_TD = x_TD + Attend(Norm(x_TD, "attention_norm"));
                return hidden_TD + FeedForward(Norm(hidden_TD, "ffn_norm"));
            }
            var h_TD = x_TD + Norm(Attend(x_TD), "attention_norm");
            return h_TD + Norm(FeedForward(h_TD), "ffn_norm");
        }

        /// <summary>TorchScale's forward: A before the split, B after it, and one of them alone where the other has nothing.</summary>
        private Tensor Multiway(Tensor x, Func<Tensor, int, Tensor> branch) =>
            split == 0 ? branch(x, 1) : split == Length ? branch(x, 0) : cat([branch(x[..split], 0), branch(x[split..], 1)]);

        private Tensor Project(Tensor x, string name) => Multiway(x, (part, tower) => part.mm(_weights[$"{name}.{tower}.weight"].t()));

        private Tensor Norm(Tensor x, string name) => Multiway(x, (part, tower) => part * (part.square().mean([-1], keepdim: true) + config.NormEpsilon).rsqrt() * _weights[$"{name}.{tower}.weight"]);

        private Tensor FeedForward(Tensor x_TD) => Multiway(x_TD, (part_TD, tower) =>
        {
            var gateUp = part_TD.mm(_weights[$"feed_forward.{tower}.w13.weight"].t()).chunk(2, -1);
            return (gateUp[0] * gateUp[0].sigmoid() * gateUp[1]).mm(_weights[$"feed_forward.{tower}.w2.weight"].t());
        });

        private Tensor Attend(Tensor x_TD)
        {
            long keyValueDim = config.EffectiveKeyValueHeadCount * config.HeadDim;
            var qkv = Project(x_TD, "wqkv").split([config.Dim, keyValueDim, keyValueDim], -1);
            var (q_THK, k_TGK) = (Turn(Norm(Heads(qkv[0]), "qk_norm.q")), Turn(Norm(Heads(qkv[1]), "qk_norm.k")));
            var copies = config.HeadCount / config.EffectiveKeyValueHeadCount;
            var (k_THK, v_THK) = (k_TGK.repeat_interleave(copies, 1), Heads(qkv[2]).repeat_interleave(copies, 1));
            var scores_HTT = einsum("thk,shk->hts", q_THK, k_THK) / Math.Sqrt(config.HeadDim);
            var hidden_TT = ones(Length, Length, ScalarType.Bool).triu(1);
            return Project(einsum("hts,shk->thk", scores_HTT.masked_fill(hidden_TT, double.NegativeInfinity).softmax(-1), v_THK).reshape(Length, -1), "wo");
        }

        private Tensor Heads(Tensor x_TD) => x_TD.reshape(Length, -1, config.HeadDim);

        private Tensor Turn(Tensor x_THK)
        {
            var half = config.HeadDim / 2;
            var angle_T1K = (arange(Length, ScalarType.Float64).unsqueeze(1) * pow(config.RopeTheta, arange(half, ScalarType.Float64) * -2.0 / config.HeadDim)).unsqueeze(1);
            var (a, b) = (x_THK[.., .., ..half], x_THK[.., .., half..]);
            return cat([(a * angle_T1K.cos()) - (b * angle_T1K.sin()), (b * angle_T1K.cos()) + (a * angle_T1K.sin())], -1);
        }
    }
}
