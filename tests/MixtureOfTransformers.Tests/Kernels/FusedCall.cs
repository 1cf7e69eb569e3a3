using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

/// <summary>One call of each fused function, large enough to be cut into several pieces.</summary>
internal sealed record FusedCall(Func<Tensor[], Tensor> Apply, Func<Tensor[]> Inputs)
{
    private static readonly int[] Offsets = [0, 90, 90];

    public static IReadOnlyDictionary<string, FusedCall> All { get; } = new Dictionary<string, FusedCall>
    {
        ["attention"] = Attention(ScalarType.Float32),
        ["attention in bf16"] = Attention(ScalarType.BFloat16),
        ["norm"] = Norm(ScalarType.Float32),
        ["norm in bf16"] = Norm(ScalarType.BFloat16),
        ["swiglu"] = new(x => FusedSwiGlu.Apply(x[0]), () => [FusedLaw.Random([700, 192], 1)]),
        ["swiglu in bf16"] = new(x => FusedSwiGlu.Apply(x[0]), () => [FusedLaw.Random([700, 192], 1, ScalarType.BFloat16)]),
        ["head loss"] = HeadLoss(ScalarType.Float32),
        ["head loss in bf16"] = HeadLoss(ScalarType.BFloat16),
        ["projection"] = Projection(ScalarType.Float32),
        ["projection in bf16"] = Projection(ScalarType.BFloat16),
    };

    public static TheoryData<string> Names { get; } = [.. All.Keys];

    private static FusedCall Attention(ScalarType dtype)
    {
        var layout = new AttentionCase([[40, 33], [7, 60]], Towers: 3) { Dtype = dtype };
        return new(layout.Fused, layout.Inputs);
    }

    private static FusedCall Norm(ScalarType dtype) => new(x => FusedRmsNorm.Apply(x[0], x[1], x[2..], Offsets, 1e-5),
        () => [FusedLaw.Random([200, 48], 1, dtype), FusedLaw.Random([200, 48], 2, dtype), .. FusedLaw.NormWeights(3, 48, 3)]);

    private static FusedCall HeadLoss(ScalarType dtype) => new(x =>
    {
        using var targets_N = arange(64, dtype: ScalarType.Int64);
        using var losses_N = empty(64);
        return FusedHeadLoss.Apply(x[0], x[1], targets_N, losses_N, 1e-3);
    }, () => [FusedLaw.Random([64, 32], 1, dtype), FusedLaw.Random([100, 32], 2)]);

    private static FusedCall Projection(ScalarType dtype) => new(x => TowerProduct.Apply(x[0], x[1..], Offsets),
        () => [FusedLaw.Random([200, 48], 1, dtype), .. Enumerable.Range(2, 3).Select(i => FusedLaw.Random([80, 48], i))]);
}
