// Legend: M rows, N columns, K terms of the sum.
using System.Runtime.Intrinsics.X86;
using MixtureOfTransformers.Runtime;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Kernels;

/// <summary>Products of bf16 with sums in fp32, small enough for one core's cache, in the processor's matrix unit (AMX). .NET has no instructions for it. libtorch has: its own
/// attention calls <c>at::native::cpublas::brgemm</c>, which is oneDNN's kernel for one block of a product.</summary>
/// <remarks>The function is no public interface of libtorch: it is looked up by name, and tried once on a small product. Where it cannot compute it throws a C++ exception, which would
/// end the process, so everything that it needs is asked for first. It compiles a kernel for every combination of sizes and row lengths that a thread asks for, and keeps it:
/// callers take few.</remarks>
internal static unsafe class MatrixUnit
{
    /// <summary>Terms that a sum's length must be a multiple of.</summary>
    public const int TermMultiple = 32;

    /// <summary>Rows that are fast: two tiles of the unit's sixteen, or a multiple.</summary>
    public const int RowMultiple = 2 * TileRows;

    /// <summary>Rows of one of the unit's tiles.</summary>
    public const int TileRows = 16;

    /// <summary>The environment variable that turns it off by the value 0.</summary>
    public const string Switch = "MOT_MATRIX_UNIT";

    private static readonly delegate* unmanaged<long, long, long, long, long, long, byte, Bf16*, Bf16*, float*, byte, void> Brgemm =
        (delegate* unmanaged<long, long, long, long, long, long, byte, Bf16*, Bf16*, float*, byte, void>)
        LoadedLibrary.Find(IsLibtorch, "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb");

    private static readonly delegate* unmanaged<byte, void> BrgemmRelease =
        (delegate* unmanaged<byte, void>)LoadedLibrary.Find(IsLibtorch, "_ZN2at6native7cpublas14brgemm_releaseEb");

    /// <summary>at::cpu::init_amx: asks Linux for the use of AMX, which it may refuse.</summary>
    private static readonly delegate* unmanaged<byte> InitAmx = (delegate* unmanaged<byte>)LoadedLibrary.Find(IsLibtorch, "_ZN2at3cpu8init_amxEv");

    /// <summary>Whether this process can use it.</summary>
    public static bool IsPresent { get; } = Environment.GetEnvironmentVariable(Switch) != "0" && HasAmx() && IsRight();

    /// <summary>Whether kernels use it for a tensor.</summary>
    public static bool Takes(Tensor x) => x.dtype == ScalarType.BFloat16 && IsPresent && FusedKernels.Has(FusedKernel.MatrixUnit) && TensorMemory.IsReachable(x);

    /// <summary>C = A · B or C += A · B.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C, at most <see cref="VnniPanels.Columns"/>.</param>
    /// <param name="k">Terms of each sum, a multiple of <see cref="TermMultiple"/>.</param>
    /// <param name="a_MK">A, row by row.</param>
    /// <param name="aRow">Numbers from one row of A to the next.</param>
    /// <param name="b_KN">B, one panel; see <see cref="VnniPanels"/>.</param>
    /// <param name="c_MN">C, row by row.</param>
    /// <param name="cRow">Numbers from one row of C to the next.</param>
    /// <param name="add">Whether to add to C.</param>
    public static void Multiply(int m, int n, int k, Bf16* a_MK, nint aRow, Bf16* b_KN, float* c_MN, nint cRow, bool add) =>
        Brgemm(m, n, k, aRow, VnniPanels.Columns, cRow, add ? (byte)1 : (byte)0, a_MK, b_KN, c_MN, 1);

    /// <summary><see cref="Cores.For"/> for pieces that multiply; afterwards each thread gives the unit back, so that libtorch finds it as it left it.</summary>
    public static void For(int count, Action<int> body) => Cores.For(count, piece =>
    {
        try
        {
            body(piece);
        }
        finally
        {
            BrgemmRelease(1);
        }
    });

    /// <summary>Without AMX the function computes by dot products (AVX-512 BF16), by which towers gain nothing and attention loses.</summary>
    private static bool HasAmx() =>
        Avx512F.IsSupported && new[] { CpuFeatures.Avx512Bf16, CpuFeatures.AmxBf16 }.All(CpuInfo.Read().InstructionSets.Contains)
        && Brgemm is not null && BrgemmRelease is not null && InitAmx is not null && !IsDenied("ONEDNN_MAX_CPU_ISA") && !IsDenied("DNNL_MAX_CPU_ISA") && InitAmx() != 0;

    /// <summary>Whether a user holds oneDNN to instructions before AMX.</summary>
    private static bool IsDenied(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.ToUpperInvariant() is { Length: > 0 } limit && limit is not ("ALL" or "DEFAULT") && !limit.Contains("AMX", StringComparison.Ordinal);

    private static bool IsLibtorch(string file) => file.StartsWith("libtorch_cpu", StringComparison.Ordinal);

    /// <summary>Multiplies numbers that bf16 and fp32 hold exactly.</summary>
    private static bool IsRight()
    {
        const int M = 32, N = VnniPanels.Columns, K = TermMultiple;
        Bf16* a_MK = stackalloc Bf16[M * K], b_NK = stackalloc Bf16[N * K], b_KN = stackalloc Bf16[N * K];
        var c_MN = stackalloc float[M * N];
        for (var i = 0; i < M * K; i++)
            a_MK[i] = Bf16.Round((i % 13) - 6);
        for (var i = 0; i < N * K; i++)
            b_NK[i] = Bf16.Round((i % 11) - 5);
        VnniPanels.FromColumns(b_NK, K, N, K, b_KN);
        Multiply(M, N, K, a_MK, K, b_KN, c_MN, N, add: false);
        Multiply(M, N, K, a_MK, K, b_KN, c_MN, N, add: true);
        BrgemmRelease(1);
        for (var i = 0; i < M * N; i++)
        {
            var sum = 0f;
            for (var k = 0; k < K; k++)
                sum += Bf16.Read(a_MK[(i / N * K) + k]) * Bf16.Read(b_NK[(i % N * K) + k]);
            if (c_MN[i] != 2 * sum)
                return false;
        }
        return true;
    }
}
