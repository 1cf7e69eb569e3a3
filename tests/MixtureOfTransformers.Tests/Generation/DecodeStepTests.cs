// Legend: R streams, T tokens, V vocabulary.
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using TorchSharp;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>Tokens through the kernels give what they give through torch.</summary>
public sealed class DecodeStepTests
{
    private const int First = 4; // tokens of the prompts, padding included

    private static readonly int[][] Rows = // across text → image → text, at each step in different towers
    [
        [Bos, 7, 9, Boi, 12, 19, 15, 13, 13, Eoi, 8, 10, 11, 7],
        [Bos, Boi, 14, 14, 16, 18, 17, Eoi, 9, 9, 10],
        [Bos, 11, 10, 9, 8, 7, Boi, 12, 13, 14, 15, 16, Eoi],
        [Bos, 8, Boi, 17, 13, 12, 12, 13, Eoi, 7, 7, 8, 8, 9],
        [Bos, 8, 8, 10, 7, 11, Boi, 12, 13, 14, 15, 19, Eoi, 7],
    ];

    private static MotConfig Wide { get; } = Config with { Dim = 64, FeedForwardDim = 96 }; // heads of sixteen

    public static TheoryData<string> Variants => [.. Configurations.Keys];

    private static Dictionary<string, MotConfig> Configurations { get; } = new()
    {
        ["output norm"] = Wide,
        ["pre-norm"] = Wide with { NormPlacement = NormPlacement.Pre },
        ["no QK norm"] = Wide with { QkNorm = QkNorm.None },
        ["QK layer norm"] = Wide with { QkNorm = QkNorm.Layer, NormPlacement = NormPlacement.Pre },
        ["one key/value head"] = Wide with { KeyValueHeadCount = 1 },
        ["as many key/value heads as query heads"] = Wide with { KeyValueHeadCount = 0 },
        ["dense"] = Wide.AsDense(),
        ["image and speech share a tower"] = Wide with { Towers = [0, 1, 1] },
        ["tied attention"] = Wide with { Untied = UntiedParts.FeedForward },
        ["tied feed-forward"] = Wide with { Untied = UntiedParts.Norms | UntiedParts.Output },
        ["all tied"] = Wide with { Untied = UntiedParts.None },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Fp32LogitsEqualThoseOfTorch(string variant) => Compare(Configurations[variant], ScalarType.Float32, DecodeWeightFormat.Compute, 1e-4);

    /// <summary>Near those of torch in fp32: torch in bf16 rounds every activation, and is further from them.</summary>
    [Theory]
    [MemberData(nameof(Variants))]
    public void Bf16LogitsAreNearThoseOfFp32(string variant) => Compare(Configurations[variant], ScalarType.BFloat16, DecodeWeightFormat.Compute, 2e-2);

    [Fact]
    public void Int8WeightsMoveLogitsLittle() => Compare(Wide, ScalarType.Float32, DecodeWeightFormat.Int8, 5e-2);

    [Fact]
    public void OnlyTheLogitsAskedForAreComputed()
    {
        using var model = Create(Wide, ScalarType.Float32);
        using var cache = new KvCache(model.Config, 1, 2, CPU);
        using var step = new DecodeStep(model, cache, DecodeWeightFormat.Compute);
        step.Run([Bos], [0], [0], 0, 23);
        var all = step.Logits(0).ToArray();
        step.Run([7], [0], [1], 12, 20); // alone, at position 0
        var some = step.Logits(0).ToArray();
        Assert.Equal(all[..12], some[..12]);
        Assert.All(Enumerable.Range(12, 8), id => Assert.NotEqual(all[id], some[id]));
        Assert.Equal(all[20..], some[20..]);
    }

    [Fact]
    public void ModelsOfOtherDtypesOrWidthsGoThroughTorch()
    {
        using var narrow = Create(Config, ScalarType.Float32);
        using var wide64 = TestModels.Create(Wide, 1);
        using var wide = Create(Wide, ScalarType.BFloat16);
        Assert.False(DecodeWeights.Supports(narrow));
        Assert.False(DecodeWeights.Supports(wide64));
        Assert.True(DecodeWeights.Supports(wide));
    }

    /// <summary>The kernels know no routers: they would leave the feed-forward layers out.</summary>
    [Theory]
    [InlineData("moe-4x")]
    [InlineData("hybrid")]
    [InlineData("mod-mot")]
    public void ModelsWithRoutersGoThroughTorch(string architecture)
    {
        using var model = Create(Architectures.Apply(architecture, Wide), ScalarType.Float32);
        Assert.False(DecodeWeights.Supports(model));
    }

    private static MotModel Create(MotConfig config, ScalarType computeType)
    {
        using var source = TestModels.Create(config, 1, ScalarType.Float32);
        var model = new MotModel(config, CPU, null, computeType);
        TestModels.CopyTowers(source, model, tower => tower);
        return model;
    }

    private static void Compare(MotConfig config, ScalarType computeType, DecodeWeightFormat weights, double tolerance)
    {
        using var model = Create(config, ScalarType.Float32);
        using var fused = Create(config, computeType);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var length = Rows.Max(r => r.Length);
        int[] padding = [.. Rows.Select(r => length - r.Length)];
        var tokens = Rows.Select((r, i) => Enumerable.Repeat(Pad, padding[i]).Concat(r).ToArray()).ToArray();
        using var cache = new KvCache(config, Rows.Length, length, CPU);
        using var fusedCache = new KvCache(config, Rows.Length, length, CPU, computeType);
        using var step = new DecodeStep(fused, fusedCache, weights);
        Pass(model, tokens, 0, First, cache, padding);
        Pass(fused, tokens, 0, First, fusedCache, padding);
        for (var at = First; at < length; at++)
        {
            if (at == First + 5)
                padding[1] = at; // a stream starts again
            var expected_RV = Pass(model, tokens, at, 1, cache, padding).select(1, 0);
            var fed = tokens.Select(t => t[at]).ToArray();
            step.Run([.. fed.Select(t => (long)t)], [.. fed.Select(Vocabulary.ModalityIndexOf)], padding, 0, config.VocabularySize);
            Assert.Equal(at + 1, fusedCache.Length);
            for (var row = 0; row < Rows.Length; row++)
            {
                var difference = (expected_RV[row] - tensor(step.Logits(row).ToArray())).norm().ToDouble() / expected_RV[row].norm().ToDouble();
                Assert.True(difference <= tolerance, $"row {row} at {at} differs by {difference} of its length");
            }
        }
    }

    private static Tensor Pass(MotModel model, int[][] tokens, int from, int count, KvCache cache, int[] padding)
    {
        var part = tokens.SelectMany(row => row.Skip(from).Take(count)).ToArray();
        using var routing = model.Route([.. part.Select(Vocabulary.ModalityIndexOf)]);
        using var context = new AttentionContext(model.Config, tokens.Length, count, CPU, model.ComputeType, cache, padding);
        return model.call(tensor(part, [tokens.Length, count], dtype: ScalarType.Int64), routing, context);
    }
}
