using System.Buffers.Binary;
using System.Text;

namespace MixtureOfTransformers.Runtime;

/// <summary>Marks one symbol version that a 64-bit ELF library needs as weak, so that the dynamic loader warns about nothing and goes on when the
/// providing library lacks it.</summary>
/// <remarks>Layout after the System V ABI and the GNU extensions: <c>.gnu.version_r</c> is a chain of <c>Elf64_Verneed</c> (16 bytes), each with a chain
/// of <c>Elf64_Vernaux</c> (16 bytes); <c>VER_FLG_WEAK</c> is bit 1 of <c>vna_flags</c>.</remarks>
public static class WeakVersionNeed
{
    private const uint GnuVersionNeed = 0x6ffffffe; // SHT_GNU_verneed
    private const ushort Weak = 2;
    private const int EntryBytes = 16;

    /// <summary>Copies <paramref name="elf"/> with every need of <paramref name="version"/> marked weak.</summary>
    /// <param name="elf">A whole little-endian 64-bit ELF file.</param>
    /// <param name="version">The version, for instance <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="marked">The changed copy; empty when the result is false.</param>
    /// <returns>False when the file is not such an ELF file or does not need that version.</returns>
    public static bool TryMark(ReadOnlySpan<byte> elf, string version, out byte[] marked)
    {
        marked = [];
        try
        {
            var copy = elf.ToArray();
            if (!Mark(copy, Encoding.ASCII.GetBytes(version)))
                return false;
            marked = copy;
            return true;
        }
        catch (Exception error) when (error is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            return false; // offsets that point outside the file
        }
    }

    private static bool Mark(Span<byte> elf, ReadOnlySpan<byte> version)
    {
        if (elf.Length < 64 || !elf.StartsWith("\u007fELF"u8) || elf[4] != 2 || elf[5] != 1)
            return false;
        var sectionTable = U64(elf, 40);
        int sectionBytes = U16(elf, 58), sectionCount = U16(elf, 60);
        var found = false;
        var entriesLeft = elf.Length / EntryBytes;
        for (var i = 0; i < sectionCount; i++)
        {
            var section = elf.Slice(checked((int)sectionTable + i * sectionBytes), 64);
            if (U32(section, 4) != GnuVersionNeed)
                continue;
            var strings = elf.Slice(checked((int)sectionTable + (int)U32(section, 40) * sectionBytes), 64);
            found |= MarkNeeds(elf, (int)U64(section, 24), (int)U32(section, 44), (int)U64(strings, 24), version, ref entriesLeft);
        }
        return found;
    }

    private static bool MarkNeeds(Span<byte> elf, int need, int needCount, int strings, ReadOnlySpan<byte> version, ref int entriesLeft)
    {
        var found = false;
        for (var i = 0; i < needCount; i++)
        {
            Count(ref entriesLeft);
            var entry = need + (int)U32(elf, need + 8);
            for (var j = 0; j < U16(elf, need + 2); j++)
            {
                Count(ref entriesLeft);
                var name = elf[(strings + (int)U32(elf, entry + 8))..];
                if (name.StartsWith(version) && name[version.Length] == 0)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(elf[(entry + 4)..], (ushort)(U16(elf, entry + 4) | Weak));
                    found = true;
                }
                entry += (int)U32(elf, entry + 12);
            }
            if (U32(elf, need + 12) == 0)
                break; // the last one
            need += (int)U32(elf, need + 12);
        }
        return found;
    }

    /// <summary>A file holds so many entries and no more; a damaged chain may run in circles.</summary>
    private static void Count(ref int entriesLeft)
    {
        if (entriesLeft-- == 0)
            throw new OverflowException();
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);
    private static uint U32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);
    private static long U64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadInt64LittleEndian(bytes[offset..]);
}
