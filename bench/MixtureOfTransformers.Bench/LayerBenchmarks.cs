using BenchmarkDotNet.Attributes;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Bench;

/// <summary>One layer on one sequence, half text and half image: what untying costs in time, as it costs nothing in FLOPs.</summary>
public class LayerBenchmarks
{
    private const int Length = 256;

    private MotModel _model = null!;
    private ModalityRouting _routing = null!;
    private AttentionContext _context = null!;
    private Tensor _xm_ND = null!;

    [Params("small", "medium")]
    public string Preset { get; set; } = "small";

    [Params(false, true)]
    public bool Dense { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var config = ModelPresets.Get(Preset) with { LayerCount = 1 };
        config = Dense ? config.AsDense() : config;
        using var generator = new Generator(1);
        _model = new MotModel(config, CPU, generator);
        _routing = _model.Route([.. Enumerable.Range(0, Length).Select(i => (byte)(2 * i / Length))]);
        _context = new AttentionContext(config, 1, Length, CPU);
        _xm_ND = randn([Length, config.Dim], generator: generator).requires_grad_();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _xm_ND.Dispose();
        _context.Dispose();
        _routing.Dispose();
        _model.Dispose();
    }

    [Benchmark]
    public void Forward()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _model.Layers[0].call(_xm_ND, _routing, _context);
    }

    [Benchmark]
    public void ForwardAndBackward()
    {
        using var scope = NewDisposeScope();
        _model.Layers[0].call(_xm_ND, _routing, _context).sum().backward();
        _model.zero_grad(set_to_none: true);
    }
}
