using System.Text.Json;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Objectives;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Kernels;
using MixtureOfTransformers.Tests.Training;
using MixtureOfTransformers.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Layers that some tokens skip (MoMa §2.3), against a loop over single tokens and by their laws.</summary>
public sealed class MixtureOfDepthsTests : IDisposable
{
    private const int Length = 33;
    private static readonly AttentionCase Layout = new([[20, 13], [5, 1, 20], [33]], 2, Padding: 0); // 26 of the second row's 33 tokens are in documents
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(NormPlacement.Output, ExpertPool.Batch, true)]
    [InlineData(NormPlacement.Output, ExpertPool.Sequence, true)]
    [InlineData(NormPlacement.Pre, ExpertPool.Batch, false)]
    public void TheModelEqualsATokenByTokenLoopOnPackedRows(NormPlacement placement, ExpertPool pool, bool kernels)
    {
        using var off = kernels ? null : FusedKernels.Off();
        var model = TestModels.Create(Config(placement, pool), 1);
        var expected = new NaiveMot(model).Logits(Tokens, Layout.TowerOfToken, Layout.Segments, Length);
        AssertEqualOnDocuments(expected, Logits(model), 1e-10);
    }

    [Fact]
    public void OnTheKernelsItEqualsTheLoopToo()
    {
        var config = Config() with { Dim = 128, LayerCount = 3 };
        var exact = TestModels.Create(config, 2);
        var own = new MotModel(config, CPU, null);
        TestModels.CopyTowers(exact, own, tower => tower);
        AssertEqualOnDocuments(new NaiveMot(exact).Logits(Tokens, Layout.TowerOfToken, Layout.Segments, Length), Logits(own), 1e-3);
    }

    [Theory]
    [InlineData("mot", 1)]
    [InlineData("dense", 1)]
    [InlineData("moma-2t2i", 2)]
    [InlineData("moma-2t2i", 3)]
    public void LossAndGradientsOnTheKernelsAreThoseOfFloat64(string architecture, int seed)
    {
        var config = Architectures.Apply(architecture, Config() with { Dim = 128, FeedForwardDim = 96, LayerCount = 3, MixtureOfDepths = null }) with
        {
            MixtureOfDepths = new() { Every = architecture == "moma-2t2i" ? 1 : 2 },
            ExpertChoice = new() { Pool = ExpertPool.Sequence },
        };
        var exact = TestModels.Create(config, seed);
        var own = new MotModel(config, CPU, null);
        TestModels.CopyTowers(exact, own, tower => tower);
        FusedLaw.AssertClose("loss", Loss(exact), Loss(own), 1e-5);
        Loss(exact).backward();
        Loss(own).backward();
        foreach (var ((name, a), (_, b)) in exact.named_parameters().Zip(own.named_parameters()))
            FusedLaw.AssertClose(name, a.grad!, b.grad!, 1e-4);
    }

    [Fact]
    public void GradientsEqualFiniteDifferences()
    {
        var model = TestModels.Create(Config(), 3);
        Loss(model).backward();
        using var _ = no_grad();
        Assert.Contains(model.named_parameters(), p => p.name == "layers.0.depth.router.weight");
        foreach (var (name, parameter) in model.named_parameters())
        {
            var (flat, analytic) = (parameter.view(-1), parameter.grad!.reshape(-1));
            var at = analytic.abs().argmax().item<long>();
            var old = flat[at].ToDouble();
            double At(double value)
            {
                flat[at] = tensor(value, ScalarType.Float64);
                return Loss(model).ToDouble();
            }
            var numeric = (At(old + 1e-6) - At(old - 1e-6)) / 2e-6;
            flat[at] = tensor(old, ScalarType.Float64);
            Assert.True(Math.Abs(numeric - analytic[at].ToDouble()) < 1e-5 * (1 + Math.Abs(numeric)) && numeric != 0, $"{name}: {numeric} and {analytic[at].ToDouble()}");
        }
    }

    [Theory]
    [InlineData(ExpertPool.Batch, new[] { 23 })]          // of 92 tokens
    [InlineData(ExpertPool.Sequence, new[] { 9, 7, 9 })]  // of 33, 26 and 33
    public void AQuarterOfTheTokensPassesEverySecondLayerAndPaddingNever(ExpertPool pool, int[] expected)
    {
        var model = TestModels.Create(Config(pool: pool) with { LayerCount = 5 }, 4);
        var passed = new Dictionary<int, bool[]>();
        model.DepthObserver = decision => passed.Add(decision.Layer, decision.Passes.data<bool>().ToArray());
        Logits(model);
        Assert.Equal([0, 2, 4], passed.Keys);
        var row = Enumerable.Range(0, Layout.TokenCount).Where(i => Layout.Segments[i] != Batch.PaddingSegment).Select(i => pool == ExpertPool.Batch ? 0 : i / Length).ToArray();
        foreach (var passes in passed.Values)
            Assert.Equal(expected, row.Zip(passes).GroupBy(t => t.First).Select(g => g.Count(t => t.Second)));
    }

    [Fact]
    public void WhatSkipsALayerStaysAsItIs()
    {
        var model = TestModels.Create(Config(), 5);
        using var routing = model.Route(Layout.TowerOfToken);
        using var context = Context(model);
        var x_ND = randn(Layout.TokenCount, 32, dtype: ScalarType.Float64, generator: new Generator(6));
        var changed = (model.Layers[0].call(x_ND, routing, context) - x_ND).abs().sum(1) > 0;
        Assert.Equal(23, changed.sum().ToInt64());
        Assert.Equal(Layout.TokenCount, ((model.Layers[1].call(x_ND, routing, context) - x_ND).abs().sum(1) > 0).sum().ToInt64());
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-12)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void WhereAllPassAGateOfOneIsThePlainLayer(ScalarType dtype, double tolerance)
    {
        var config = Config() with { Dim = 128, MixtureOfDepths = new() { Capacity = 1 } };
        var (gated, plain) = (TestModels.Create(config, 7, dtype), TestModels.Create(config with { MixtureOfDepths = null }, 8, dtype));
        using var _ = no_grad();
        var weights = gated.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in plain.named_parameters())
            parameter.copy_(weights[name]);
        weights["layers.0.depth.router.weight"].zero_()[0, 0] = tensor(1000, dtype);
        using var routing = gated.Route([.. Layout.TowerOfToken.Take(2 * Length)]);
        using var context = new AttentionContext(gated.Config, 2, Length, CPU, dtype);
        var x_ND = randn(2 * Length, 128, dtype: dtype, generator: new Generator(9));
        x_ND[.., 0] = tensor(1, dtype); // where every gate looks
        FusedLaw.AssertClose("layer", plain.Layers[0].call(x_ND, routing, context), gated.Layers[0].call(x_ND, routing, context), tolerance);
    }

    [Theory]
    [InlineData(ExpertRouting.TokenChoice)]
    [InlineData(ExpertRouting.Auxiliary)]
    public void CausalRoutingLetsAnyNumberPassEvenNone(ExpertRouting routing)
    {
        var model = TestModels.Create(Config(), 10);
        using var routers = AuxiliaryRouters.Create(model.Config, CPU, new Generator(11));
        Assert.Throws<InvalidOperationException>(() => model.ExpertRouting = ExpertRouting.Auxiliary);
        model.UseRouters(routers);
        model.ExpertRouting = routing;
        var counts = new List<long>();
        model.DepthObserver = decision =>
        {
            counts.Add(decision.Passes.sum().ToInt64());
            var expected = routing == ExpertRouting.TokenChoice ? decision.Gates > 0.5 : routers.DepthOfLayer(decision.Layer)!.call(decision.Inputs).squeeze(1) > 0;
            Assert.True((expected == decision.Passes).all().item<bool>());
        };
        Logits(model);
        Assert.NotEqual(23, counts.Single());
        using var _ = no_grad();
        foreach (var parameter in (Tensor[])[routers.DepthOfLayer(0)!.parameters().Last(), model.Layers[0].Depth!.parameters().Single()])
            parameter.zero_(); // scores of exactly 0.5 do not pass
        Logits(model);
        Assert.Equal(0, counts[1]);
    }

    [Fact]
    public void NarrowTowersMayHaveGatesToo()
    {
        var model = TestModels.Create(Config() with { TowerDims = [32, 16] }, 12);
        AssertEqualOnDocuments(new NaiveMot(model).Logits(Tokens, Layout.TowerOfToken, Layout.Segments, Length), Logits(model), 1e-10);
    }

    [Fact]
    public void StepsLeaveNoTensorBehind()
    {
        using var generator = new Generator(1);
        using var model = new MotModel(TestModels.Config() with { MixtureOfDepths = new() }, CPU, generator);
        using var session = new TrainingSession(model, TestTraining.Recipe, new TestTraining.Batches());
        session.Step();
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++)
            session.Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void AMaskIsRefusedWithAReason()
    {
        var model = TestModels.Create(Config(), 13);
        using var routing = model.Route(new byte[4]);
        using var context = new AttentionContext(model.Config, 1, 4, CPU, ScalarType.Float64, allowed: ones(4, 4, dtype: ScalarType.Bool).tril());
        Assert.Contains("not with a mask", Assert.Throws<MotException>(() => model.HiddenStates(zeros([1, 4], ScalarType.Int64), routing, context)).Message);
    }

    [Fact]
    public void ProductsMultiplyWhatIsCounted()
    {
        var config = Config() with { LayerCount = 4, QkNorm = QkNorm.None };
        var model = TestModels.Create(config, 14);
        var multiplied = 0L;
        foreach (var linear in model.modules().OfType<Linear>())
            linear.register_forward_hook((_, input, output) =>
            {
                multiplied += 2 * input.numel() * output.shape[^1];
                return output;
            });
        TowerProduct.ForwardFlops = 0;
        TestModels.Run(model, Tokens[..64], Layout.TowerOfToken[..64], rows: 2);
        var counted = Flops.PerTokenCausal(config, 32);
        Assert.Equal(64 * (counted.Projections + counted.Head + counted.Routers), multiplied + TowerProduct.ForwardFlops);
    }

    [Fact]
    public void AttentionIsCountedAsTheMeanOverTokensThatPass()
    {
        var config = Config() with { LayerCount = 2 };
        const int Tokens = 64, Passing = 16; // one gated layer of pairs among 16, one among 64
        var pairs = (Passing * (Passing + 1) / 2) + (Tokens * (Tokens + 1) / 2);
        Assert.Equal(4.0 * config.AttentionDim * pairs / Tokens, Flops.PerTokenCausal(config, Tokens).Attention, 1e-9);
    }

    [Theory]
    [InlineData("94m", 14)]
    [InlineData("443m", 40)]
    [InlineData("1.5b", 40)]
    [InlineData("mini", 7)]
    public void TheNameRaisesTheLayersUntilTheFlopsAreRestored(string preset, int layers)
    {
        var mot = ModelPresets.Get(preset);
        var own = Architectures.Apply("mod-moma-4t4i", mot);
        Assert.Equal(layers, own.LayerCount);
        Assert.Equal(new MixtureOfDepths(), own.MixtureOfDepths);
        Assert.InRange(Flops.PerTokenCausal(own, mot.MaxSequenceLength).Forward / Flops.PerTokenCausal(Architectures.Apply("moma-4t4i", mot), mot.MaxSequenceLength).Forward, 0.94, 1.06);
        Assert.Throws<ConfigException>(() => Architectures.Apply("dense", mot with { MixtureOfDepths = new() })); // it would cost more than the others
    }

    [Fact]
    public void ParametersAreCountedOnAverageOfWhatATokenPasses()
    {
        var config = ModelPresets.Get("443m");
        var count = ParameterCount.Of(config with { MixtureOfDepths = new() });
        Assert.Equal(ParameterCount.Of(config).Total + (12 * 1024), count.Total);
        var layer = ParameterCount.Of(config.AsDense()).PerLayer;
        Assert.Equal(ParameterCount.Of(config).Activated - (9 * layer), count.Activated); // 12 layers that a quarter passes
    }

    [Fact]
    public void SettingsAreKeptInJsonAndChecked()
    {
        var json = JsonSerializer.Serialize(Config() with { MixtureOfDepths = new() { Capacity = 0.5, Every = 3, Pool = ExpertPool.Sequence } }, ModelJson.Default.MotConfig);
        Assert.Equal(new MixtureOfDepths { Capacity = 0.5, Every = 3, Pool = ExpertPool.Sequence }, JsonFile.Parse(json, "test", ModelJson.Default.MotConfig).MixtureOfDepths);
        Assert.Contains("capacity 1.5", Assert.Throws<ConfigException>((Config() with { MixtureOfDepths = new() { Capacity = 1.5 } }).Validate).Message);
        Assert.Contains("every 0", Assert.Throws<ConfigException>((Config() with { MixtureOfDepths = new() { Every = 0 } }).Validate).Message);
    }

    private static MotConfig Config(NormPlacement placement = NormPlacement.Output, ExpertPool pool = ExpertPool.Batch) =>
        TestModels.Config(norm: placement) with { VocabularySize = 101, MixtureOfDepths = new() { Pool = pool } };

    private static long[] Tokens { get; } = [.. Enumerable.Range(0, Layout.TokenCount).Select(i => (long)i * 37 % 101)]; // none twice: layer 0 would give it the same score, and rounding decide

    private static AttentionContext Context(MotModel model) => new(model.Config, 3, Length, CPU, model.ComputeType, segments: Layout.Segments);

    private static Tensor Logits(MotModel model)
    {
        using var routing = model.Route(Layout.TowerOfToken);
        using var context = Context(model);
        return model.call(tensor(Tokens, [3, Length]), routing, context).reshape(Layout.TokenCount, -1);
    }

    private static Tensor Loss(MotModel model)
    {
        long[] targets = [.. Tokens.Select((token, i) => Layout.Segments[i] == Batch.PaddingSegment ? Batch.IgnoredTarget : token * 2 % 101)];
        return new NextTokenLoss().Compute(model, new Batch(3, Length, Tokens, Layout.TowerOfToken, targets, Layout.TowerOfToken, Layout.Segments)).Total;
    }

    private static void AssertEqualOnDocuments(double[][] expected, Tensor actual_NV, double tolerance)
    {
        for (var i = 0; i < expected.Length; i++)
            if (Layout.Segments[i] != Batch.PaddingSegment)
                FusedLaw.AssertClose($"token {i}", tensor(expected[i]), actual_NV[i], tolerance);
    }
}
