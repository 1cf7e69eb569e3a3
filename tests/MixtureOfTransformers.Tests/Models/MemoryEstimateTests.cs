using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Tests.Models;

public sealed class MemoryEstimateTests
{
    private const long Parameters = 13_489_430_528; // of the paper's 7B with two towers
    private const long Cast = Parameters - (65_536L * 4096); // all but the embedding table, which is looked up

    private static readonly MotConfig Big = ModelPresets.Get("7b");
    private static readonly MemorySettings Settings = new() { RowCount = 2, SequenceLength = 4096, Bf16 = true };

    [Fact]
    public void SevenBillionWithTwoTowersIsAsComputedByHand()
    {
        var memory = MemoryEstimate.Of(Big, Settings);
        Assert.Equal(4 * Parameters, memory["weights"]);
        Assert.Equal(4 * Parameters, memory["gradients"]);
        Assert.Equal(8 * Parameters, memory["optimizer"]);
        Assert.Equal(2 * Cast, memory["compute_weights"]);
        Assert.Equal(32L * 8192 * ((2 * ((5 * 4096) + (96 * 128) + (3 * 11_008))) + (4 * (32 + 2))), memory["activations"]);
        Assert.Equal(8192L * 2 * 4096 * 2, memory["final_norm"]);
        Assert.Equal((256L * 65_536 * 2) + (8192L * 4096 * 2) + (65_536L * 4096 * 4), memory["head"]);
        Assert.Equal(memory.Lines.Sum(line => line.Bytes), memory.Total);
        Assert.Equal(278_111_109_120, memory.Total);
        Assert.Equal(12 * Parameters, memory.CheckpointCopy);
    }

    [Theory]
    [InlineData(Sharding.None, 1, 1, 1)]
    [InlineData(Sharding.Optimizer, 1, 1, 8)]
    [InlineData(Sharding.Gradients, 1, 8, 8)]
    [InlineData(Sharding.Full, 8, 8, 8)]
    public void ShardingDividesItsPartsAndNoOthers(object sharding, long weights, long gradients, long optimizer)
    {
        var memory = MemoryEstimate.Of(Big, Settings with { DeviceCount = 8, Sharding = (Sharding)sharding });
        Assert.Equal(4 * Parameters / weights, memory["weights"]);
        Assert.Equal(weights == 1 ? 2 * Cast : 2 * Parameters / weights, memory["compute_weights"]);
        Assert.Equal(4 * Parameters / gradients, memory["gradients"]);
        Assert.Equal(8 * Parameters / optimizer, memory["optimizer"]);
        Assert.Equal((Sharding)sharding == Sharding.Full ? 2 * ParameterCount.Of(Big).PerLayer : 0, memory["gathered_weights"]);
        foreach (var whole in new[] { "activations", "final_norm", "head" })
            Assert.Equal(MemoryEstimate.Of(Big, Settings)[whole], memory[whole]);
    }

    [Fact]
    public void SharesAreRoundedUp() => Assert.Equal(4 * ((Parameters + 6) / 7), MemoryEstimate.Of(Big, Settings with { DeviceCount = 7, Sharding = Sharding.Full })["weights"]);

    [Fact]
    public void CheckpointingKeepsTheInputOfEachLayerAndOneWholeLayer()
    {
        Assert.Equal(2 * (ParameterCount.Of(Big).PerLayer + (65_536L * 4096)), MemoryEstimate.Of(Big, Settings with { ActivationCheckpointing = true })["compute_weights"]);
        var kept = MemoryEstimate.Of(Big, Settings)["activations"];
        Assert.Equal((32L * 8192 * 4096 * 2) + (kept / 32), MemoryEstimate.Of(Big, Settings with { ActivationCheckpointing = true })["activations"]);
    }

    [Fact]
    public void InFp32ActivationsTakeTwiceAsMuchAndNoCopiesOfWeightsAreMade()
    {
        var (half, whole) = (MemoryEstimate.Of(Big, Settings), MemoryEstimate.Of(Big, Settings with { Bf16 = false }));
        Assert.Equal(0, whole["compute_weights"]);
        Assert.Equal(2 * half["final_norm"], whole["final_norm"]);
    }

    /// <summary>If all of the 8192 tokens are patches: 32 numbers three times and two vectors of the stream, in fp32.</summary>
    [Fact]
    public void PatchesOfImagesAreCounted()
    {
        var config = Big with { Diffusion = new() { PatchDim = 32, Channels = 8, Columns = 16 } };
        var memory = MemoryEstimate.Of(config, Settings);
        Assert.Equal(8192L * 4 * ((3 * 32) + (2 * 4096)), memory["patches"]);
        Assert.Equal(4 * (Parameters + 18_100_256), memory["weights"]); // SPEC 9.3
        var unet = MemoryEstimate.Of(config with { Diffusion = config.Diffusion! with { Unet = new() { Width = 64 } } }, Settings);
        var kept = (4 * 8) + (4 * ((4 * 3 * 64) + (2 * 64))) + (4 * 3 * 64) + (2 * 64) + (4 * 64) + 64 + (4 * 3 * 64); // what each convolution, norm and activation reads, at 4 places and at 1
        Assert.Equal(8192L * 4 * kept, unet["patches"] - memory["patches"]);
        Assert.Equal(0, MemoryEstimate.Of(Big, Settings)["patches"]);
    }

    [Fact]
    public void FewerKeysAndValuesTakeLess()
    {
        var grouped = ActivationMemory.LayerBytesPerToken(Big with { KeyValueHeadCount = 8 }, computeBytes: 2);
        Assert.Equal(ActivationMemory.LayerBytesPerToken(Big, computeBytes: 2) - (2 * 2 * 24 * 128), grouped);
    }

    /// <summary>At capacity 1 each token has one copy on average: its row into an expert and out of it again, and a score and weight for each expert.</summary>
    [Fact]
    public void ExpertsKeepTheirRowsBesides()
    {
        var experts = Architectures.Apply("moe-4x", Big);
        Assert.Equal((2 * 2 * 4096) + (4 * 4), ActivationMemory.LayerBytesPerToken(experts, 2) - ActivationMemory.LayerBytesPerToken(Big, 2));
        var twice = ActivationMemory.LayerBytesPerToken(experts with { ExpertChoice = new() { Capacity = 2 } }, 2);
        Assert.Equal((2 * 2 * 4096) + (2 * 3 * 11_008), twice - ActivationMemory.LayerBytesPerToken(experts, 2));
    }

    [Fact]
    public void EveryPresetNeedsMoreForMoreAndLessWhenDivided()
    {
        foreach (var config in ModelPresets.All.Values)
        {
            var total = Total(Settings with { DeviceCount = 8 });
            Assert.True(Total(Settings with { DeviceCount = 8, RowCount = 3 }) > total);
            Assert.True(Total(Settings with { DeviceCount = 8, ActivationCheckpointing = true }) < total);
            Assert.True(MemoryEstimate.Of(config.AsDense(), Settings).Total < MemoryEstimate.Of(config, Settings).Total);
            foreach (var sharding in new[] { Sharding.Optimizer, Sharding.Gradients, Sharding.Full })
            {
                var divided = Total(Settings with { DeviceCount = 8, Sharding = sharding });
                Assert.True(divided < total, $"{config.Dim} {sharding}");
                total = divided;
            }
            Assert.True(Total(Settings with { DeviceCount = 16, Sharding = Sharding.Full }) < total);

            long Total(MemorySettings settings) => MemoryEstimate.Of(config, settings).Total;
        }
    }
}
