using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Experts against the reference vectors, against a loop over single tokens, and the laws of SPEC §8.</summary>
public sealed class ExpertFeedForwardTests
{
    private const int Rows = 2, Length = 20;

    [Theory]
    [InlineData("ec_moe_swiglu_c1", 1)]
    [InlineData("ec_moe_swiglu_c2", 2)]
    public void ExpertChoiceReproducesTheReference(string name, double capacity)
    {
        using var scope = NewDisposeScope();
        using var golden = Safetensors.Load(Path.Combine(AppContext.BaseDirectory, "Golden", $"{name}.safetensors"));
        var config = TestModels.Config() with { Dim = 16, HeadCount = 2, FeedForwardDim = 24, Towers = [0, 0], Experts = [4], ExpertChoice = new() { Gate = ExpertGate.Softmax, Capacity = capacity } };
        using var layer = new ExpertFeedForward(config, 0, CPU);
        var parameters = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        using (no_grad())
        {
            parameters["0.router.weight"].copy_(golden.Read("w.router"));
            for (var e = 0; e < 4; e++)
            {
                parameters[$"0.experts.{e}.w13.weight"].copy_(cat([golden.Read($"w.experts.{e}.w1"), golden.Read($"w.experts.{e}.w3")]));
                parameters[$"0.experts.{e}.w2.weight"].copy_(golden.Read($"w.experts.{e}.w2"));
            }
        }
        var x = golden.Read("in.x").requires_grad_(true);
        var y = Run(layer, config, x, new byte[24]);
        (y * golden.Read("in.R")).sum().backward();
        FusedLaw.AssertClose("y", golden.Read("out.y"), y, FusedLaw.Fp32Tolerance);
        FusedLaw.AssertClose("grad x", golden.Read("grad.x"), x.grad!, FusedLaw.Fp32Tolerance);
        FusedLaw.AssertClose("grad router", golden.Read("grad.router"), parameters["0.router.weight"].grad!, FusedLaw.Fp32Tolerance);
        for (var e = 0; e < 4; e++)
        {
            FusedLaw.AssertClose($"grad w13 of {e}", cat([golden.Read($"grad.experts.{e}.w1"), golden.Read($"grad.experts.{e}.w3")]), parameters[$"0.experts.{e}.w13.weight"].grad!, FusedLaw.Fp32Tolerance);
            FusedLaw.AssertClose($"grad w2 of {e}", golden.Read($"grad.experts.{e}.w2"), parameters[$"0.experts.{e}.w2.weight"].grad!, FusedLaw.Fp32Tolerance);
        }
    }

    [Theory]
    [InlineData("moe-4x", ExpertPool.Batch, ExpertGate.Sigmoid, 1)]
    [InlineData("moe-3x", ExpertPool.Sequence, ExpertGate.Softmax, 1)]
    [InlineData("hybrid", ExpertPool.Batch, ExpertGate.Sigmoid, 1.5)]
    [InlineData("moma-4t2i", ExpertPool.Sequence, ExpertGate.Sigmoid, 1)]
    [InlineData("moma-1t3i", ExpertPool.Batch, ExpertGate.Softmax, 2)]
    public void EveryArrangementIsTheSumOverSingleTokens(string architecture, ExpertPool pool, ExpertGate gate, double capacity)
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply(architecture, TestModels.Config()) with { ExpertChoice = new() { Pool = pool, Gate = gate, Capacity = capacity } };
        foreach (var dtype in (ScalarType[])[ScalarType.Float64, ScalarType.Float32])
        {
            using var layer = Create(config, dtype);
            var modalities = Modalities();
            var x = FusedLaw.Random([Rows * Length, config.Dim], 7, dtype);
            using var routing = ModalityRouting.Create(modalities, config.EffectiveTowers.AsSpan(), CPU);
            var y = routing.Restore(Run(layer, config, routing.Group(x), modalities));
            FusedLaw.AssertClose($"{architecture} in {dtype}", new NaiveExperts(layer, config).Run(x, modalities, Length, _ => false), y, dtype == ScalarType.Float64 ? 1e-12 : FusedLaw.Fp32Tolerance);
        }
    }

    [Theory]
    [InlineData("moe-4x", ExpertPool.Batch)]
    [InlineData("moma-2t3i", ExpertPool.Sequence)]
    [InlineData("hybrid", ExpertPool.Batch)]
    public void PaddingTakesNoPlaceOfAToken(string architecture, ExpertPool pool)
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply(architecture, TestModels.Config()) with { ExpertChoice = new() { Pool = pool } };
        using var layer = Create(config, ScalarType.Float32);
        var modalities = Modalities();
        var segments = Enumerable.Range(0, Rows * Length).Select(i => i % Length >= Length - 5 - (i / Length) ? Batch.PaddingSegment : 0).ToArray();
        var x = FusedLaw.Random([Rows * Length, config.Dim], 7);
        using var routing = ModalityRouting.Create(modalities, config.EffectiveTowers.AsSpan(), CPU);
        using var context = new AttentionContext(config, Rows, Length, CPU, segments: segments);
        var y = routing.Restore(layer.call(routing.Group(x), routing, context));
        FusedLaw.AssertClose(architecture, new NaiveExperts(layer, config).Run(x, modalities, Length, i => segments[i] == Batch.PaddingSegment), y, FusedLaw.Fp32Tolerance);
    }

    [Fact]
    public void FusedGradientsAreThoseOfTheComposedExpression()
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply("hybrid-3x", TestModels.Config()) with { ExpertChoice = new() { Capacity = 1.5 } };
        using var exact = Create(config, ScalarType.Float64);
        using var fused = Create(config, ScalarType.Float32);
        var x = FusedLaw.Random([Rows * Length, config.Dim], 7);
        var dy = FusedLaw.Random([Rows * Length, config.Dim], 8);
        Tensor[] inputs = [x.clone().requires_grad_(true), x.to(ScalarType.Float64).requires_grad_(true)];
        (Run(fused, config, inputs[0], Modalities()) * dy).sum().backward();
        (Run(exact, config, inputs[1], Modalities()) * dy.to(ScalarType.Float64)).sum().backward();
        FusedLaw.AssertClose("input", inputs[1].grad!, inputs[0].grad!, FusedLaw.Fp32Tolerance);
        foreach (var ((name, expected), (_, actual)) in exact.named_parameters().Zip(fused.named_parameters()))
            FusedLaw.AssertClose(name, expected.grad!, actual.grad!, FusedLaw.Fp32Tolerance);
    }

    [Fact]
    public void EachExpertProcessesTheSameNumberOfTokensOfItsPool()
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply("moma-4t2i", TestModels.Config());
        using var layer = Create(config, ScalarType.Float32);
        var modalities = Modalities();
        var decisions = new List<(int Tower, long[] PerExpert)>();
        layer.Observer = d => decisions.Add((d.Tower, d.Chosen.sum([0L]).data<long>().ToArray()));
        Run(layer, config, FusedLaw.Random([Rows * Length, config.Dim], 7), modalities);
        Assert.Equal([0, 1], decisions.Select(d => d.Tower));
        Assert.All(decisions[0].PerExpert, count => Assert.Equal((modalities.Count(m => m == 0) + 3) / 4, count));
        Assert.All(decisions[1].PerExpert, count => Assert.Equal((modalities.Count(m => m == 1) + 1) / 2, count));
    }

    [Fact]
    public void ATowerWithoutTokensGivesItsExpertsAZeroGradient()
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply("moma-2t2i", TestModels.Config());
        using var layer = Create(config, ScalarType.Float32);
        Run(layer, config, FusedLaw.Random([Rows * Length, config.Dim], 7), new byte[Rows * Length]).sum().backward();
        foreach (var (name, parameter) in layer.named_parameters())
            Assert.Equal(name.StartsWith("0."), parameter.grad is { } grad && grad.abs().max().ToSingle() > 0);
    }

    /// <summary>Both modalities in both rows, in runs of uneven length.</summary>
    private static byte[] Modalities() => [.. Enumerable.Range(0, Rows * Length).Select(i => (byte)(i % 7 < 3 + (i / Length) ? 1 : 0))];

    private static ExpertFeedForward Create(MotConfig config, ScalarType dtype)
    {
        var layer = new ExpertFeedForward(config, 0, CPU, dtype);
        var seed = 3;
        using var _ = no_grad();
        foreach (var parameter in layer.parameters())
            parameter.copy_(FusedLaw.Random(parameter.shape, seed++) / Math.Sqrt(parameter.shape[1]));
        return layer;
    }

    private static Tensor Run(ExpertFeedForward layer, MotConfig config, Tensor xm_ND, byte[] modalities)
    {
        using var routing = ModalityRouting.Create(modalities, config.EffectiveTowers.AsSpan(), CPU);
        using var context = new AttentionContext(config, modalities.Length == Rows * Length ? Rows : 1, modalities.Length == Rows * Length ? Length : modalities.Length, CPU, xm_ND.dtype);
        return layer.call(xm_ND, routing, context);
    }
}
