using System.Runtime.Intrinsics;
using BenchmarkDotNet.Attributes;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Bench;

/// <summary>The product that decoding lives on, on all cores; <c>Bytes</c> / Mean is its speed. 64 MiB of weights come from memory, 4 MiB from the caches.</summary>
public unsafe class RowProductBenchmarks
{
    private const int Dim = 512;
    private Scratch _weights = null!, _x = null!, _y = null!;

    [Params(4 << 20, 64 << 20)]
    public int Bytes { get; set; }

    [Params(1, 4, 16)]
    public int Rows { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        get_num_threads(); // loads libtorch and its threads
        (_weights, _x, _y) = (new(Bytes / sizeof(float)), new(Rows * Dim), new((long)Rows * Bytes / Dim));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _weights.Dispose();
        _x.Dispose();
        _y.Dispose();
    }

    [Benchmark]
    public void Fp32() => Multiply<Fp32>();

    [Benchmark]
    public void Bf16() => Multiply<Bf16>();

    [Benchmark]
    public void Int8() => Multiply<Int8>();

    /// <summary>What the cores can read at most: the same memory, only added up.</summary>
    [Benchmark(Baseline = true)]
    public void Read() => Cores.ForBlocks(Bytes / Dim, 1, (from, to) =>
    {
        var sum = Vector512<float>.Zero;
        for (var i = from * (Dim / sizeof(float)); i < to * (Dim / sizeof(float)); i += VectorMath.Lanes)
            sum += Vector512.Load(_weights.Numbers + i);
        _y.Numbers[from] = sum[0];
    });

    private void Multiply<T>()
        where T : unmanaged, INumberFormat<T>
    {
        var columns = Bytes / Dim / sizeof(T);
        Cores.ForBlocks(columns, 1, (from, to) => RowProduct<T>.Multiply(_x.Numbers, Rows, Dim, (T*)_weights.Numbers, (int)from, (int)to, _y.Numbers, columns));
    }
}
