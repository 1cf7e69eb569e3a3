using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MixtureOfTransformers.Kernels;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Kernels;

public sealed unsafe class Bf16Tests
{
    /// <summary>Random bits, every tie of some exponents, and the ends of the range.</summary>
    private static float[] Numbers { get; } = [.. Bits().Select(BitConverter.UInt32BitsToSingle)];

    [Fact]
    public void NumbersRoundAsInTorch()
    {
        using var x = tensor(Numbers);
        using var rounded = x.to(ScalarType.BFloat16);
        var expected = MemoryMarshal.Cast<byte, ushort>(rounded.bytes).ToArray();
        var stored = new ushort[Numbers.Length];
        fixed (float* from = Numbers)
        fixed (ushort* to = stored)
            for (var i = 0; i < stored.Length; i += VectorMath.Lanes)
                Bf16.Store(Vector512.Load(from + i), (Bf16*)(to + i));
        for (var i = 0; i < expected.Length; i++)
        {
            var single = Bf16.Round(Numbers[i]);
            AssertSame(expected[i], stored[i], Numbers[i]);
            AssertSame(expected[i], *(ushort*)&single, Numbers[i]);
        }
    }

    [Fact]
    public void EveryPatternOfBitsIsReadAsTheUpperHalfOfAnFp32()
    {
        var all = new ushort[1 << 16];
        for (var i = 0; i < all.Length; i++)
            all[i] = (ushort)i;
        fixed (ushort* at = all)
            for (var i = 0; i < all.Length; i += VectorMath.Lanes)
            {
                var loaded = Bf16.Load((Bf16*)(at + i)).AsUInt32();
                for (var lane = 0; lane < VectorMath.Lanes; lane++)
                    if (loaded[lane] != (uint)(i + lane) << 16 || BitConverter.SingleToUInt32Bits(Bf16.Read(((Bf16*)at)[i + lane])) != loaded[lane])
                        Assert.Fail($"{i + lane:x4} is read as {loaded[lane]:x8}");
            }
    }

    private static void AssertSame(ushort expected, ushort actual, float number)
    {
        var (x, y) = (BitConverter.UInt32BitsToSingle((uint)expected << 16), BitConverter.UInt32BitsToSingle((uint)actual << 16));
        Assert.True(expected == actual || (float.IsNaN(x) && float.IsNaN(y)), $"{number:r} is rounded to {actual:x4} in place of {expected:x4}"); // torch has several NaNs
    }

    private static IEnumerable<uint> Bits()
    {
        uint[] special = [0, 0x8000_0000, 1, 0x8000_0001, 0x7f80_0000, 0xff80_0000, 0x7f7f_ffff, 0xff7f_ffff, 0x7f80_0001, 0xff80_0001, 0x7fff_ffff, 0xffff_ffff, 0x7fc0_0000, 0x007f_ffff, 0x7f7f_7fff, 0x7f7f_8000];
        var ties = Enumerable.Range(0, 2048).Select(i => ((uint)i << 16) + 0x3f00_8000);
        var random = new Random(5);
        return special.Concat(ties).Concat(ties.Select(tie => tie - 1)).Concat(ties.Select(tie => tie + 1)).Concat(Enumerable.Range(0, 100_000).Select(_ => (uint)random.NextInt64(1L << 32)));
    }
}
