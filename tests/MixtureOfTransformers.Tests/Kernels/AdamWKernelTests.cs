using MixtureOfTransformers.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class AdamWKernelTests
{
    private const int Count = 80_000; // several blocks
    private const int Decayed = 40_016;

    [Fact]
    public void UpdatesAreThoseOfTheFormulaWithDecayUpToItsBoundaryAndScaledGradients()
    {
        using var scope = NewDisposeScope();
        const double Scale = 0.3, Decay = 0.9, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-2;
        Tensor[] own = [FusedLaw.Random([Count], 1), zeros(Count), zeros(Count), zeros(Count)]; // weights, gradients, moments
        var (w, m, v) = (own[0].to(ScalarType.Float64), zeros(Count, ScalarType.Float64), zeros(Count, ScalarType.Float64));
        for (var step = 1; step <= 3; step++)
        {
            own[1].copy_(FusedLaw.Random([Count], 10 + step));
            var g = own[1].to(ScalarType.Float64) * Scale;
            var (stepSize, rootCorrection) = (0.1 / (1 - Math.Pow(Beta1, step)), Math.Sqrt(1 - Math.Pow(Beta2, step)));
            fixed (byte* weights = own[0].bytes, gradients = own[1].bytes, first = own[2].bytes, second = own[3].bytes)
                AdamWKernel.Step(new((float)Scale, (float)Decay, (float)Beta1, (float)Beta2, (float)stepSize, (float)rootCorrection, (float)Epsilon), Count, Decayed,
                    (float*)weights, (float*)gradients, (float*)first, (float*)second);

            m = (m * Beta1) + (g * (1 - Beta1));
            v = (v * Beta2) + (g * g * (1 - Beta2));
            w = cat([w.narrow(0, 0, Decayed) * Decay, w.narrow(0, Decayed, Count - Decayed)]) - (m * stepSize / ((v.sqrt() / rootCorrection) + Epsilon));
            FusedLaw.AssertClose("first moments", m, own[2], 1e-6);
            FusedLaw.AssertClose("second moments", v, own[3], 1e-6);
            FusedLaw.AssertClose("weights", w, own[0], 1e-6);
            Assert.Equal(0, own[1].abs().max().ToSingle());
        }
    }
}
