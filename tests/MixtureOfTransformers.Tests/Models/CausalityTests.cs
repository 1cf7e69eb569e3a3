using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>SPEC §12.9: a later token never moves an earlier output in dense, MoT and the ablations; with experts that choose it does; with causal routing it does not.</summary>
public sealed class CausalityTests
{
    private const int Length = 24;

    [Theory]
    [InlineData("dense")]
    [InlineData("mot")]
    [InlineData("untied-ffn")]
    [InlineData("loo-image")]
    public void LaterTokensDoNotMoveEarlierOutputs(string architecture) => Assert.Equal(0, Moved(architecture, ExpertRouting.ExpertChoice));

    [Theory]
    [InlineData("moe-4x", ExpertPool.Batch)]
    [InlineData("moe-4x", ExpertPool.Sequence)]
    [InlineData("moma-2t2i", ExpertPool.Batch)]
    [InlineData("hybrid", ExpertPool.Sequence)]
    [InlineData("mod-mot", ExpertPool.Batch)]
    [InlineData("mod-dense", ExpertPool.Sequence)]
    [InlineData("mod-moma-2t2i", ExpertPool.Sequence)]
    public void ExpertChoiceLeaksTheFuture(string architecture, ExpertPool pool) => Assert.True(Moved(architecture, ExpertRouting.ExpertChoice, pool) > 1e-3);

    [Theory]
    [InlineData("moe-4x")]
    [InlineData("moma-2t2i")]
    [InlineData("hybrid")]
    [InlineData("mod-mot")]
    [InlineData("mod-moma-2t2i")]
    public void TokenChoiceDoesNotLeak(string architecture) => Assert.Equal(0, Moved(architecture, ExpertRouting.TokenChoice), 1e-12);

    [Theory]
    [InlineData("moe-4x")]
    [InlineData("moma-2t2i")]
    [InlineData("hybrid")]
    [InlineData("mod-mot")]
    [InlineData("mod-moma-2t2i")]
    public void AuxiliaryRoutersDoNotLeak(string architecture) => Assert.Equal(0, Moved(architecture, ExpertRouting.Auxiliary), 1e-12);

    /// <summary>The largest change of logits before a place, over several places where all tokens behind it become others of the same modality.</summary>
    private static double Moved(string architecture, ExpertRouting routing, ExpertPool pool = ExpertPool.Batch)
    {
        using var scope = NewDisposeScope();
        var config = Architectures.Apply(architecture, TestModels.Config() with { MixtureOfDepths = architecture.StartsWith("mod-", StringComparison.Ordinal) ? new() { Pool = pool } : null }) with { ExpertChoice = new() { Pool = pool } };
        using var model = TestModels.Create(config, 5);
        if (routing == ExpertRouting.Auxiliary)
            model.UseRouters(AuxiliaryRouters.Create(config, CPU, new Generator(9)));
        model.ExpertRouting = routing;
        var modalities = Enumerable.Range(0, Length).Select(i => (byte)(i / 5 % 2)).ToArray();
        var tokens = Enumerable.Range(0, Length).Select(i => (long)((i * 11) + 3) % 50).ToArray();
        var before = TestModels.Run(model, tokens, modalities);
        return new[] { 4, 9, 16, 22 }.Max(place =>
        {
            var changed = tokens.Select((t, i) => i >= place ? (t + 17) % 50 : t).ToArray();
            return TestModels.Difference(before.narrow(1, 0, place), TestModels.Run(model, changed, modalities).narrow(1, 0, place));
        });
    }
}
