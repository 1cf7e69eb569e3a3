using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using MixtureOfTransformers.Storage;
using Tensorboard;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Writes a TensorBoard event file: TFRecords of <c>Event</c> messages, with masked CRC-32C.</summary>
/// <remarks>The messages are TorchSharp's. Its <c>SummaryWriter</c> is not used: it opens the file anew for every number, stamps each with the time of writing, and loads libtorch
/// for the checksum. Here the time of an event is that of the training, so that TensorBoard's relative axis shows seconds of training.</remarks>
internal static class EventFile
{
    /// <param name="path">The file to create or replace.</param>
    /// <param name="start">When the run began.</param>
    /// <param name="scalars">What to write, in this order.</param>
    public static void Write(string path, DateTimeOffset start, IEnumerable<(string Tag, LossPoint Point)> scalars) => AtomicFile.Write(path, stream =>
    {
        var began = start.ToUnixTimeMilliseconds() / 1000.0;
        WriteRecord(stream, new Event { WallTime = began, FileVersion = "brain.Event:2" }.ToByteArray());
        foreach (var (tag, point) in scalars)
        {
            var summary = new Summary();
            summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)point.Loss });
            WriteRecord(stream, new Event { WallTime = began + point.Seconds, Step = point.Step, Summary = summary }.ToByteArray());
        }
    });

    private static void WriteRecord(Stream stream, byte[] data)
    {
        Span<byte> header = stackalloc byte[12], footer = stackalloc byte[4];
        BinaryPrimitives.WriteInt64LittleEndian(header, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc(header[..8]));
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(data));
        stream.Write(header);
        stream.Write(data);
        stream.Write(footer);
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
            crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8u;
    }
}
