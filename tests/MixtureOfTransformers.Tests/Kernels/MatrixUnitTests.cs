// Legend: M rows, N columns, K terms of the sum.
using System.Runtime.Intrinsics.X86;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class MatrixUnitTests : IDisposable
{
    public const string Absent = "this processor or this libtorch has no AMX for bf16";
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void ItIsFoundInThePackagesLibtorchWhereTheProcessorHasIt()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Avx512F.IsSupported && CpuInfo.Read().InstructionSets.Contains(CpuFeatures.AmxBf16) && NativeRuntime.LibtorchFolder?.Contains("runtimes") == true, "not libtorch's package for Linux, or no AMX");
        Assert.True(MatrixUnit.IsPresent); // a new libtorch that renames the function would otherwise only be slow
    }

    /// <summary>libtorch answers a product that it may not compute with an exception that would end the process.</summary>
    [Theory]
    [InlineData("ONEDNN_MAX_CPU_ISA", "AVX2")]
    [InlineData("ONEDNN_MAX_CPU_ISA", "avx512_core_bf16")]
    [InlineData("DNNL_MAX_CPU_ISA", "AVX512_CORE")]
    [InlineData(MatrixUnit.Switch, "0")]
    public void AProcessThatIsDeniedItMultipliesByTorch(string variable, string value) =>
        OwnProcess.Passes(typeof(MatrixUnitTests), nameof(ProductsAreComputedWithoutIt), (variable, value));

    [Fact(Explicit = true)]
    public void ProductsAreComputedWithoutIt()
    {
        Assert.False(MatrixUnit.IsPresent);
        Tensor[] inputs = [FusedLaw.Random([40, 64], 1, ScalarType.BFloat16), FusedLaw.Random([96, 64], 2)];
        FusedLaw.Check(x => TowerProduct.Apply(x[0], x[1..], [0]), x => x[0].mm(x[1].t()), inputs, FusedLaw.Bf16Tolerance);
    }

    /// <summary>Panels from rows and from columns, sums that are begun and added to; rows beyond a tile, columns beyond a panel's half.</summary>
    [Theory]
    [InlineData(16, 64, 32)]
    [InlineData(128, 64, 512)]
    [InlineData(48, 32, 96)]
    public void APanelGivesTheProductOfItsMatrix(int m, int n, int k)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, Absent);
        var (a_MK, b_KN, b_NK) = (FusedLaw.Random([m, k], 1, ScalarType.BFloat16), FusedLaw.Random([k, n], 2), FusedLaw.Random([n, k], 3, ScalarType.BFloat16));
        var (fromRows, fromColumns, c_MN) = (full(k * VnniPanels.Columns, float.NaN, ScalarType.BFloat16), full(k * VnniPanels.Columns, float.NaN, ScalarType.BFloat16), empty(m, n));
        VnniPanels.FromRows(TensorMemory.Pointer<Fp32>(b_KN), n, k, n, TensorMemory.Pointer<Bf16>(fromRows), k);
        VnniPanels.FromColumns(TensorMemory.Pointer<Bf16>(b_NK), k, n, k, TensorMemory.Pointer<Bf16>(fromColumns));
        MatrixUnit.For(1, _ =>
        {
            var a = TensorMemory.Pointer<Bf16>(a_MK);
            var c = TensorMemory.Pointer<float>(c_MN);
            MatrixUnit.Multiply(m, n, k, a, k, TensorMemory.Pointer<Bf16>(fromRows), c, n, add: false);
            MatrixUnit.Multiply(m, n, k, a, k, TensorMemory.Pointer<Bf16>(fromColumns), c, n, add: true);
        });
        var exact_MK = a_MK.to(ScalarType.Float64);
        FusedLaw.AssertClose("product", exact_MK.mm(b_KN.to(ScalarType.BFloat16).to(ScalarType.Float64) + b_NK.t().to(ScalarType.Float64)), c_MN, FusedLaw.Fp32Tolerance);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(45)]
    public void TurnedRowsAreColumnsFilledUpWithZeros(int terms)
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, Absent);
        var (x_KM, turned_MK) = (FusedLaw.Random([terms, 48], 1, ScalarType.BFloat16), full([48, 64], float.NaN, ScalarType.BFloat16));
        VnniPanels.Turned(TensorMemory.Pointer<Bf16>(x_KM), 48, terms, 48, TensorMemory.Pointer<Bf16>(turned_MK), 64);
        var whole = (terms + 31) / 32 * 32;
        FusedLaw.AssertSameBits(nn.functional.pad(x_KM.t(), [0, whole - terms]).contiguous(), turned_MK.narrow(1, 0, whole).contiguous());
    }

    [Fact]
    public void LeftToTorchItIsNotUsed()
    {
        Assert.SkipUnless(MatrixUnit.IsPresent, Absent);
        var x = FusedLaw.Random([4, 32], 1, ScalarType.BFloat16);
        Assert.True(MatrixUnit.Takes(x));
        using (FusedKernels.Without(FusedKernel.MatrixUnit))
            Assert.False(MatrixUnit.Takes(x));
        Assert.False(MatrixUnit.Takes(x.to(ScalarType.Float32)));
    }
}
