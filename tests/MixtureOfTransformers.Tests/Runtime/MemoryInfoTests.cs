using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Tests.Runtime;

public sealed class MemoryInfoTests
{
    [Fact]
    public void MeminfoIsReadInBytes() => Assert.Equal(new MemoryInfo(2048, 1024), MemoryInfo.FromMeminfo(["MemTotal:    2 kB", "MemFree: 9 kB", "MemAvailable:       1 kB"]));

    [Fact]
    public void MeminfoWithoutATotalIsNothing() => Assert.Null(MemoryInfo.FromMeminfo(["SwapTotal: 1 kB"]));

    [Fact]
    public void AControlGroupsLimitCountsWhereItIsLower()
    {
        var machine = new MemoryInfo(1000, 600);
        Assert.Equal(new MemoryInfo(400, 300), machine.Within(400, 100));
        Assert.Equal(new MemoryInfo(900, 600), machine.Within(900, 100));
        Assert.Equal(machine, machine.Within(2000, 100));
        Assert.Equal(machine, machine.Within(null, 100));
        Assert.Equal(new MemoryInfo(400, 0), machine.Within(400, 500));
    }

    [Fact]
    public void ThisMachineHasMemory()
    {
        var memory = MemoryInfo.Read();
        Assert.InRange(memory.AvailableBytes, 1, memory.TotalBytes);
    }
}
