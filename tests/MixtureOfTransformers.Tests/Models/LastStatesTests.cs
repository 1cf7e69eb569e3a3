// Legend: B rows, T tokens, G key/value heads, C capacity, K head width.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Kernels;
using TorchSharp;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>What a prompt leaves behind, the states of its last tokens and a filled cache, is that of a pass over everything.</summary>
public sealed class LastStatesTests : IDisposable
{
    private const int Room = 3; // of the cache, behind the prompts

    private static readonly int[][] Rows =
    [
        [Bos, 7, 9, Boi, 12, 19, 15, 13, 13, Eoi, 8, 10, 11, 7],
        [Bos, Boi, 14, 14, 16, 18],
        [Bos],
        [Bos, 11, 10, 9, 8, 7, 7, 7, 8, 9, 10, 5, 20],
    ];

    private readonly DisposeScope _scope = NewDisposeScope();

    private static MotConfig Wide { get; } = Config with { Dim = 128, FeedForwardDim = 96 }; // heads of 32, for the kernels

    private static Dictionary<string, MotConfig> Configurations { get; } = new()
    {
        ["output norm"] = Wide,
        ["pre-norm"] = Wide with { NormPlacement = NormPlacement.Pre },
        ["dense"] = Wide.AsDense(),
        ["no QK norm"] = Wide with { QkNorm = QkNorm.None },
        ["QK layer norm"] = Wide with { QkNorm = QkNorm.Layer },
        ["one layer"] = Wide with { LayerCount = 1 },
        ["as many key/value heads as query heads"] = Wide with { KeyValueHeadCount = 0 },
        ["tied feed-forward"] = Wide with { Untied = UntiedParts.Norms | UntiedParts.QueryKeyValue },
        ["narrow heads"] = Config,
        ["unequal towers"] = Wide with { TowerDims = [128, 64, 96] },
        ["experts"] = Architectures.Apply("hybrid", Wide),
        ["layers that tokens skip"] = Architectures.Apply("mod-mot", Wide),
    };

    public static TheoryData<string> Variants => [.. Configurations.Keys];

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(Variants))]
    public void TheyAreThoseOfAWholePass(string variant)
    {
        using var model = Model(Configurations[variant], 1, ScalarType.Float32);
        var (whole, cacheOfWhole) = Run(model, (tokens_BT, routing, context) => routing.Restore(model.HiddenStates(tokens_BT, routing, context)).reshape(Rows.Length, context.Length, -1).select(1, context.Length - 1));
        var (last, cache) = Run(model, (tokens_BT, routing, context) => model.LastStates(tokens_BT, routing, context));
        FusedLaw.AssertClose("states", whole, last, 1e-5);
        AssertSameKept(model.Config, cacheOfWhole, cache, 1e-5);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 2e-2)]
    public void TheKernelKeepsTheKeysAndValuesOfTorch(ScalarType computeType, double tolerance)
    {
        foreach (var config in (MotConfig[])[Wide, Wide with { QkNorm = QkNorm.None, KeyValueHeadCount = 0 }])
        {
            using var drawn = TestModels.Create(config, 1, ScalarType.Float32);
            using var model = TestModels.On(CPU, drawn, computeType);
            var (states, cache) = Run(model, (tokens_BT, routing, context) => model.LastStates(tokens_BT, routing, context));
            using var off = FusedKernels.Off();
            var (expected, cacheOfTorch) = Run(model, (tokens_BT, routing, context) => model.LastStates(tokens_BT, routing, context));
            FusedLaw.AssertClose("states", expected, states, tolerance);
            AssertSameKept(config, cacheOfTorch, cache, tolerance);
        }
    }

    private (Tensor States, KvCache Cache) Run(MotModel model, Func<Tensor, ModalityRouting, AttentionContext, Tensor> pass)
    {
        using var _ = no_grad();
        PromptStream[] streams = [.. Rows.Select(row => new PromptStream([.. row], []))];
        var (tokens, padding) = (PromptStream.TokensOf(streams, Pad), PromptStream.PaddingOf(streams));
        var length = tokens.Length / Rows.Length;
        var cache = new KvCache(model.Config, Rows.Length, length + Room, CPU, model.ComputeType);
        using var routing = model.Route([.. tokens.Select(id => Vocabulary.ModalityIndexOf((int)id))]);
        using var context = new AttentionContext(model.Config, Rows.Length, length, CPU, model.ComputeType, cache, padding);
        var states = pass(tensor(tokens, [Rows.Length, length]), routing, context);
        Assert.Equal(length, cache.Length);
        return (states, cache);
    }

    /// <summary>Of tokens that are not padding, and nothing behind them.</summary>
    private static void AssertSameKept(MotConfig config, KvCache expected, KvCache actual, double tolerance)
    {
        for (var layer = 0; layer < config.LayerCount; layer++)
            for (var row = 0; row < Rows.Length; row++)
                foreach (var (name, a, b) in new[] { ("keys", expected.Buffers(layer).Keys, actual.Buffers(layer).Keys), ("values", expected.Buffers(layer).Values, actual.Buffers(layer).Values) })
                {
                    var real = TensorIndex.Slice(expected.Length - Rows[row].Length);
                    FusedLaw.AssertClose($"{name} of row {row}, layer {layer}", a[row, TensorIndex.Colon, real], b[row, TensorIndex.Colon, real], tolerance);
                }
        expected.Dispose();
        actual.Dispose();
    }
}
