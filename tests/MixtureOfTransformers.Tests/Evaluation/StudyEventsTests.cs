using System.Buffers.Binary;
using Google.Protobuf;
using MixtureOfTransformers.Evaluation;
using Tensorboard;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudyEventsTests
{
    private static readonly ComparisonStudy Example = ExampleReports.Study();

    [Fact]
    public void EveryLossIsReadBack()
    {
        using var folder = new TemporaryFolder();
        StudyEvents.Write(folder.Path, Example);
        Assert.Equal(12, Directory.GetDirectories(folder.Path).Length);
        var events = Read(Assert.Single(Directory.GetFiles(folder.File("moe-4x-seed2"), "events.out.tfevents.*")));
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        foreach (var curve in Example.Seeds[1].Curves.Where(c => c.Architecture == "moe-4x"))
        {
            var tag = $"loss/{curve.Split.ToString().ToLowerInvariant()}/{curve.Modality}";
            var own = events.Skip(1).Where(e => e.Summary.Value[0].Tag == tag).ToArray();
            Assert.Equal(curve.Points.Select(p => (p.Step, (float)p.Loss)), own.Select(e => (e.Step, e.Summary.Value[0].SimpleValue)));
            Assert.Equal(curve.Points[^1].Seconds - curve.Points[0].Seconds, own[^1].WallTime - own[0].WallTime, 3); // TensorBoard's relative axis
        }
        Assert.Equal(events.Skip(1).Select(e => e.Step).Order(), events.Skip(1).Select(e => e.Step));
    }

    [Fact]
    public void WritingAgainReplacesTheRun()
    {
        using var folder = new TemporaryFolder();
        StudyEvents.Write(folder.Path, Example with { Metadata = Example.Metadata with { Date = Example.Metadata.Date.AddHours(-1) } });
        StudyEvents.Write(folder.Path, Example);
        Assert.Single(Directory.GetFiles(folder.File("mot-seed1")));
    }

    [Fact]
    public void ChecksumIsTheOneOfTheStandard() => Assert.Equal(0xE3069283u, Crc("123456789"u8)); // so that the reader below proves something

    private static List<Event> Read(string path)
    {
        var events = new List<Event>();
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        while (bytes.Length > 0)
        {
            var length = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes));
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            Assert.Equal(Masked(bytes.Slice(12, length)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(Event.Parser.ParseFrom(new CodedInputStream(bytes.Slice(12, length).ToArray())));
            bytes = bytes[(16 + length)..];
        }
        return events;
    }

    private static uint Masked(ReadOnlySpan<byte> data) => Crc(data) is var crc ? ((crc >> 15) | (crc << 17)) + 0xa282ead8 : 0;

    /// <summary>CRC-32C bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }
        return ~crc;
    }
}
