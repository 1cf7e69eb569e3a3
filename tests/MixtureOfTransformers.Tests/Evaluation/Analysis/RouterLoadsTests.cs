using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Evaluation.Causality;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Evaluation.Analysis;

public sealed class RouterLoadsTests
{
    private const int Rows = 3, Length = 20, Padding = 4;

    [Theory]
    [InlineData("moe-4x")]
    [InlineData("hybrid")]
    [InlineData("moma-2t3i")]
    public void LoadsAreThoseCountedTokenByToken(string architecture)
    {
        using var scope = NewDisposeScope();
        using var model = Model(architecture);
        Batch[] batches = [Batch(model, 2), Batch(model, 3)];
        var loads = RouterLoads.Of(model, batches);
        var counted = Count(model, batches);
        Assert.Equal(counted.Keys.Select(key => (key.Layer, key.Tower)).Distinct().Order(), loads.Select(load => (load.Layer - 1, load.Tower)));
        foreach (var load in loads)
            for (var expert = 0; expert < load.Experts.Length; expert++)
            {
                var (tokens, padding, gate) = counted[(load.Layer - 1, load.Tower, expert)];
                Assert.Equal(tokens, load.Experts[expert].Tokens);
                Assert.Equal(padding, load.Experts[expert].PaddingTokens);
                Assert.Equal(gate / (tokens.Sum() + padding), load.Experts[expert].MeanGate, 1e-6);
            }
    }

    [Fact]
    public void EveryExpertIsFullAndAllSharesAddUp()
    {
        using var model = Model("moe-4x");
        var batch = Batch(model, 4);
        var tokens = Rows * (Length - Padding);
        Assert.Equal(2, RouterLoads.Of(model, [batch]).Length);
        Assert.All(RouterLoads.Of(model, [batch]), load =>
        {
            Assert.All(load.Experts, expert => Assert.Equal(model.Config.ExpertChoice.TokensPerExpert(tokens, 4), expert.Tokens.Sum()));
            Assert.All(load.Experts, expert => Assert.Equal(0, expert.PaddingTokens)); // padding takes no place of a token
            Assert.Equal(1, load.SharesByExpertCount.Sum(), 1e-9);
            Assert.Equal(load.Experts.Sum(expert => expert.Tokens.Sum()), load.SharesByExpertCount.Select((share, count) => share * count * tokens).Sum(), 1e-6);
        });
    }

    [Fact]
    public void ExpertsOfAModalityTakeItsTokensAlone()
    {
        using var model = Model("moma-2t2i");
        Assert.All(RouterLoads.Of(model, [Batch(model, 5)]), load => Assert.All(load.Experts, expert => Assert.Equal(0, expert.Tokens[1 - load.Tower])));
    }

    [Fact]
    public void AModelWithoutExpertsHasNoLoadAndAnObserverIsGivenBack()
    {
        using var dense = Model("dense");
        Assert.Empty(RouterLoads.Of(dense, [Batch(dense, 6)]));
        using var model = Model("moe-2x");
        Action<ExpertDecision> mine = _ => { };
        model.ExpertObserver = mine;
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        RouterLoads.Of(model, [Batch(model, 7)]);
        Assert.Same(mine, model.ExpertObserver);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void LoadsAreThoseOfTrainingWhateverTheModelIsSetTo()
    {
        using var model = Model("moe-2x");
        var batch = Batch(model, 8);
        var loads = RouterLoads.Of(model, [batch]);
        model.ExpertRouting = ExpertRouting.TokenChoice;
        Assert.Equal(loads.SelectMany(load => load.Experts).Select(expert => expert.Tokens.Sum()), RouterLoads.Of(model, [batch]).SelectMany(load => load.Experts).Select(expert => expert.Tokens.Sum()));
        Assert.Equal(ExpertRouting.TokenChoice, model.ExpertRouting);
    }

    [Fact]
    public void LayersThatTokensSkipTellWhichPass()
    {
        using var scope = NewDisposeScope();
        using var model = TestModels.Create(TestModels.Config() with { MixtureOfDepths = new() }, 1, ScalarType.Float32);
        Batch[] batches = [Batch(model, 2), Batch(model, 3)];
        var passed = new long[2];
        var gates = new List<double>();
        foreach (var batch in batches)
        {
            var modalities = batch.Modalities.Where((_, i) => batch.Segments[i] != MixtureOfTransformers.Batching.Batch.PaddingSegment).ToArray();
            using (new RouterWatch(model, experts: null, decision =>
            {
                for (var i = 0; i < modalities.Length; i++)
                    if (decision.Passes[i].item<bool>())
                    {
                        passed[modalities[i]]++;
                        gates.Add(decision.Gates[i].ToDouble());
                    }
            }))
            using (var pass = new BatchPass(model, batch))
                pass.HiddenStates();
        }
        model.ExpertRouting = ExpertRouting.TokenChoice;
        var load = Assert.Single(DepthLoads.Of(model, batches));
        Assert.Equal(passed, load.Passed);
        Assert.Equal(2 * 12, passed.Sum()); // a quarter of 48 tokens
        Assert.Equal(2 * Rows * (Length - Padding), load.Tokens.Sum());
        Assert.Equal(gates.Average(), load.MeanGate, 1e-6);
        Assert.Empty(RouterLoads.Of(model, batches));
        Assert.Empty(DepthLoads.Of(Model("moe-2x"), batches));
    }

    private static Dictionary<(int Layer, int Tower, int Expert), (long[] Tokens, long Padding, double Gate)> Count(MotModel model, Batch[] batches)
    {
        var counted = new Dictionary<(int Layer, int Tower, int Expert), (long[] Tokens, long Padding, double Gate)>();
        foreach (var batch in batches)
        {
            var towers = batch.Modalities.Select((modality, i) => (Tower: model.Config.EffectiveTowers[modality], i)).ToArray();
            var order = towers.OrderBy(pair => pair.Tower).ThenBy(pair => pair.i).Select(pair => pair.i).ToArray();
            model.ExpertObserver = decision =>
            {
                for (var n = 0; n < decision.Chosen.shape[0]; n++)
                    for (var expert = 0; expert < decision.Chosen.shape[1]; expert++)
                    {
                        var (key, token) = ((decision.Layer, decision.Tower, expert), order[decision.FirstRow + n]);
                        var (tokens, padding, gate) = counted.GetValueOrDefault(key, (new long[2], 0, 0));
                        if (decision.Chosen[n, expert].item<bool>())
                        {
                            var isPadding = batch.Segments[token] == MixtureOfTransformers.Batching.Batch.PaddingSegment;
                            (padding, gate) = (padding + (isPadding ? 1 : 0), gate + decision.Weights[n, expert].ToDouble());
                            tokens[batch.Modalities[token]] += isPadding ? 0 : 1;
                        }
                        counted[key] = (tokens, padding, gate);
                    }
            };
            using var routing = model.Route(batch.Modalities);
            using var context = new AttentionContext(model.Config, Rows, Length, CPU, segments: batch.Segments);
            using (no_grad())
                model.HiddenStates(tensor(batch.Inputs, [Rows, Length]), routing, context);
        }
        model.ExpertObserver = null;
        return counted;
    }

    private static MotModel Model(string architecture) => TestModels.Create(Architectures.Apply(architecture, TestModels.Config()), 1, ScalarType.Float32);

    private static Batch Batch(MotModel model, int seed)
    {
        var whole = RandomRows.Create(RandomRows.VocabularyOf(model.Config), Rows, Length, seed);
        int[] segments = [.. Enumerable.Range(0, Rows * Length).Select(i => i % Length < Length - Padding ? 0 : MixtureOfTransformers.Batching.Batch.PaddingSegment)];
        return new(Rows, Length, whole.Inputs, whole.Modalities, whole.Targets, whole.TargetModalities, segments);
    }
}
