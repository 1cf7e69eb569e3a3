using MixtureOfTransformers.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>SPEC §8 written down token by token in float64: scores, each expert's best tokens of its pool, weighted sums. Nothing in common with the code under test but the weights.</summary>
internal sealed class NaiveExperts(ExpertFeedForward layer, MotConfig config)
{
    private readonly Dictionary<string, Tensor> _weights = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().to(ScalarType.Float64));

    /// <param name="x_ND">Tokens in sequence order.</param>
    /// <param name="modalities">Their modalities.</param>
    /// <param name="length">Tokens per row.</param>
    /// <param name="isPadding">Tokens that no expert takes.</param>
    public Tensor Run(Tensor x_ND, byte[] modalities, int length, Func<int, bool> isPadding)
    {
        var x = Enumerable.Range(0, modalities.Length).Select(i => x_ND[i].to(ScalarType.Float64)).ToArray();
        var y = x.Select(row => zeros_like(row)).ToArray();
        var set = modalities.Select(m => config.Experts.Length == 1 ? 0 : config.EffectiveTowers[m]).ToArray();
        foreach (var pool in Enumerable.Range(0, x.Length).Where(i => !isPadding(i) || config.Experts[set[i]] == 1).GroupBy(i => (Set: set[i], Row: config.ExpertChoice.Pool == ExpertPool.Sequence ? i / length : 0)))
        {
            var experts = config.Experts[pool.Key.Set];
            var taken = (int)Math.Ceiling(pool.Count() * config.ExpertChoice.Capacity / experts);
            for (var e = 0; e < experts; e++)
                foreach (var i in pool.OrderByDescending(i => Weight(x[i], pool.Key.Set, experts, e)).Take(taken))
                    y[i] = y[i] + (Weight(x[i], pool.Key.Set, experts, e) * SwiGlu(x[i], $"{pool.Key.Set}.experts.{e}"));
        }
        return stack(y);
    }

    private double Weight(Tensor x, int set, int experts, int expert)
    {
        if (experts == 1)
            return 1;
        var scores = Enumerable.Range(0, experts).Select(e => x.dot(_weights[$"{set}.router.weight"][e]).ToDouble()).ToArray();
        return config.ExpertChoice.Gate == ExpertGate.Sigmoid ? 1 / (1 + Math.Exp(-scores[expert])) : Math.Exp(scores[expert]) / scores.Sum(Math.Exp);
    }

    private Tensor SwiGlu(Tensor x, string expert)
    {
        var both = _weights[$"{expert}.w13.weight"].mv(x).chunk(2);
        return _weights[$"{expert}.w2.weight"].mv(both[0] * both[0].sigmoid() * both[1]);
    }
}
