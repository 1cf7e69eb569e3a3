// Legend: N tokens, H query heads, K head width, E = 3 H K.
using BenchmarkDotNet.Attributes;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Bench;

/// <summary>Attention in bf16, from projections to results and back, with the matrix unit and without it. Four rows of 512 tokens, QK-norm and rotary embedding.</summary>
public class AttentionBenchmarks
{
    private const int Rows = 4, Length = 512, HeadDim = 64;
    private FusedAttention.Settings _settings = null!;
    private Tensor _qkv_NE = null!, _gradient_ND = null!;
    private Tensor[] _weights = null!;
    private IDisposable? _without;

    [Params(4, 8)]
    public int Heads { get; set; }

    /// <summary>Tokens of each document.</summary>
    [Params(64, 512)]
    public int Document { get; set; }

    [Params(true, false)]
    public bool MatrixUnit { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        const int TokenCount = Rows * Length;
        using var generator = new Generator(1);
        var segments = Enumerable.Range(0, TokenCount).Select(i => i % Length / Document).ToArray();
        _settings = new(AttentionSpans.Create(segments, TokenCount, Length, Batch.PaddingSegment)!, Heads, Heads, HeadDim, NormEpsilon: 1e-5, new RotationTable(Length, HeadDim, 10_000), null, [0]);
        _qkv_NE = randn([TokenCount, 3 * Heads * HeadDim], generator: generator).to(ScalarType.BFloat16).requires_grad_(true);
        _gradient_ND = randn([TokenCount, Heads * HeadDim], generator: generator).to(ScalarType.BFloat16);
        _weights = [ones(HeadDim, requires_grad: true), ones(HeadDim, requires_grad: true)];
        _without = MatrixUnit ? null : FusedKernels.Without(FusedKernel.MatrixUnit);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _without?.Dispose();
        foreach (var tensor in _weights.Append(_qkv_NE).Append(_gradient_ND))
            tensor.Dispose();
    }

    [Benchmark]
    public void Forward()
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        FusedAttention.Apply(_settings, _qkv_NE, [_weights[0]], [_weights[1]]);
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using var scope = NewDisposeScope();
        FusedAttention.Apply(_settings, _qkv_NE, [_weights[0]], [_weights[1]]).backward([_gradient_ND]);
    }
}
