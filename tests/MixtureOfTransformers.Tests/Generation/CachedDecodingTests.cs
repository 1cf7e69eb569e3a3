// Legend: B rows, T tokens, V vocabulary.
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>SPEC §12.10: one token at a time over a cache gives the logits of one pass over the whole sequence, across text → image → text.</summary>
public sealed class CachedDecodingTests
{
    private static readonly int[][] Rows =
    [
        [Bos, 7, 9, Boi, 12, 19, 15, 13, 13, Eoi, 8, 10, 11, 7],
        [Bos, Boi, 14, 14, 16, 18, 17, Eoi, 9, 9],
        [Bos, 11, 10, 9, 8, 7, Boi, 12, 13, 14, 15, 16, Eoi],
    ];

    [Theory]
    [InlineData(NormPlacement.Output, false, 0)]
    [InlineData(NormPlacement.Output, false, 2)]
    [InlineData(NormPlacement.Output, true, 1)]
    [InlineData(NormPlacement.Pre, false, 2)]
    [InlineData(NormPlacement.Pre, true, 0)]
    public void CachedLogitsEqualFullRecomputation(NormPlacement placement, bool dense, int keyValueHeads)
    {
        var config = Config with { NormPlacement = placement, KeyValueHeadCount = keyValueHeads };
        Check(dense ? config.AsDense() : config, CPU);
    }

    /// <summary>Experts cannot choose among tokens that are yet to come: over a cache each token chooses.</summary>
    [Theory]
    [InlineData("moe-4x")]
    [InlineData("hybrid")]
    [InlineData("moma-2t3i1s")]
    public void CachedLogitsWithExpertsEqualFullRecomputationByTokenChoice(string architecture) => Check(Architectures.Apply(architecture, Config), CPU);

    /// <summary>Tokens that skip a layer have no keys there.</summary>
    [Theory]
    [InlineData("mod-mot", false)]
    [InlineData("mod-mot", true)]
    [InlineData("mod-moma-2t3i1s", false)]
    [InlineData("mod-moma-2t3i1s", true)]
    public void CachedLogitsWithLayersThatTokensSkipEqualFullRecomputation(string architecture, bool hasRouters) => Check(Architectures.Apply(architecture, Config), CPU, hasRouters);

    [Fact]
    public void CachedLogitsOfUnequalTowersEqualFullRecomputation() =>
        Check(Config with { TowerDims = [.. Enumerable.Range(0, Config.TowerCount).Select(tower => tower == 1 ? Config.Dim / 2 : Config.Dim)] }, CPU);

    internal static void Check(MotConfig config, Device device, bool hasRouters = false)
    {
        using var drawn = Model(config, 1, ScalarType.Float32);
        using var model = TestModels.On(device, drawn, ScalarType.Float32);
        using var scope = NewDisposeScope();
        if (hasRouters)
            model.UseRouters(AuxiliaryRouters.Create(config, device, new Generator(2)));
        using var _ = no_grad();
        var length = Rows.Max(r => r.Length);
        int[] padding = [.. Rows.Select(r => length - r.Length)];
        var tokens = Rows.Select((r, i) => Enumerable.Repeat(Pad, padding[i]).Concat(r).ToArray()).ToArray();
        foreach (var first in (int[])[1, 6, length]) // tokens in the first pass
        {
            using var cache = new KvCache(model.Config, Rows.Length, length, model.Device);
            var steps = new List<Tensor> { Pass(model, tokens, 0, first, cache, padding) };
            for (var at = first; at < length; at++)
                steps.Add(Pass(model, tokens, at, 1, cache, padding));
            var cached_BTV = cat(steps, 1);
            for (var row = 0; row < Rows.Length; row++)
            {
                model.ExpertRouting = hasRouters ? ExpertRouting.Auxiliary : ExpertRouting.TokenChoice;
                var full_TV = TestModels.Run(model, [.. Rows[row].Select(t => (long)t)], [.. Rows[row].Select(Vocabulary.ModalityIndexOf)])[0];
                var scale = full_TV.abs().max().ToDouble();
                model.ExpertRouting = ExpertRouting.ExpertChoice;
                Assert.True(TestModels.Difference(full_TV, cached_BTV[row, padding[row]..]) < 1e-5 * scale, $"row {row} after a first pass of {first}");
            }
        }
    }

    private static Tensor Pass(MotModel model, int[][] tokens, int from, int count, KvCache cache, int[] padding)
    {
        var part = tokens.SelectMany(row => row.Skip(from).Take(count)).ToArray();
        using var routing = model.Route([.. part.Select(Vocabulary.ModalityIndexOf)]);
        using var context = new AttentionContext(model.Config, tokens.Length, count, model.Device, model.ComputeType, cache, padding);
        return model.call(tensor(part, [tokens.Length, count], dtype: ScalarType.Int64, device: model.Device), routing, context);
    }
}
