using MixtureOfTransformers.Benchmarks.Naive;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Benchmarks;

/// <summary>A model and the layout of its tokens, to be timed in training.</summary>
/// <param name="Name">Names it in results.</param>
/// <param name="ModalityCount">Modalities of the tokens, 2 or 3.</param>
/// <param name="Layout">How they alternate.</param>
/// <param name="Architecture">Which model of the shape; see <see cref="Architectures"/>.</param>
/// <param name="IsNaive">Whether the model is <see cref="NaiveMotModel"/>.</param>
/// <param name="WithoutKernels">Whether it runs by torch's operations alone, as on other devices.</param>
internal sealed record TrainingCase(string Name, int ModalityCount, ModalityLayout Layout, string Architecture = Architectures.Mot, bool IsNaive = false, bool WithoutKernels = false)
{
    private static readonly ModalityId[] Modalities = [ModalityId.Text, ModalityId.Image, ModalityId.Speech];

    /// <summary>The dense model, on the tokens of <see cref="Mot"/>: what the others are compared with.</summary>
    public static TrainingCase Dense { get; } = new("dense", 2, ModalityLayout.Spans, Architectures.Dense);

    /// <summary>Text and image tokens in spans.</summary>
    public static TrainingCase Mot { get; } = new("mot-2 spans", 2, ModalityLayout.Spans);

    /// <summary>The same by torch's operations alone.</summary>
    public static TrainingCase MotWithoutKernels { get; } = Mot with { Name = "mot-2 spans, torch", WithoutKernels = true };

    /// <summary>All cases, dense first.</summary>
    public static IReadOnlyList<TrainingCase> All { get; } =
    [
        Dense,
        Mot,
        new("mot-2 interleaved", 2, ModalityLayout.Interleaved),
        new("mot-3 spans", 3, ModalityLayout.Spans),
        new("mot-3 interleaved", 3, ModalityLayout.Interleaved),
        new("moe-4x spans", 2, ModalityLayout.Spans, "moe-4x"),
        new("hybrid spans", 2, ModalityLayout.Spans, "hybrid"),
        MotWithoutKernels,
        new("naive mot-2 spans", 2, ModalityLayout.Spans, IsNaive: true),
    ];

    /// <summary>The cases whose steps are taken apart.</summary>
    public static IReadOnlyList<TrainingCase> Profiled { get; } = [Dense, Mot, MotWithoutKernels];

    /// <summary>The architecture in a shape.</summary>
    public MotConfig ConfigOf(MotConfig shape) => Architectures.Apply(Architecture, shape with { Modalities = [.. Modalities.Take(ModalityCount)], Towers = [] });

    /// <summary>Turns the kernels off on this thread until the result is disposed, if the case asks for it.</summary>
    public IDisposable? Kernels() => WithoutKernels ? FusedKernels.Off() : null;

    /// <summary>Whether this model exists in that shape.</summary>
    public bool Supports(MotConfig shape) => !IsNaive || NaiveMotModel.Supports(ConfigOf(shape));
}
