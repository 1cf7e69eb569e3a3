using CsCheck;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>The figures of the specification's table in §9.4, forward FLOPs per token at 4096 tokens.</summary>
public sealed class FlopsTests
{
    [Theory]
    [InlineData("37m", 6_815_744, 8_390_656, 33_554_432, 48_760_832, 57_147_392)]
    [InlineData("94m", 54_525_952, 33_562_624, 67_108_864, 155_197_440, 188_743_680)]
    [InlineData("443m", 616_562_688, 201_375_744, 134_217_728, 952_156_160, 1_153_433_600)]
    [InlineData("880m", 1_358_954_496, 302_063_616, 201_326_592, 1_862_344_704, 2_164_260_864)]
    [InlineData("1.5b", 2_466_250_752, 402_751_488, 268_435_456, 3_137_437_696, 3_539_992_576)]
    [InlineData("7b", 12_952_010_752, 1_074_003_968, 536_870_912, 14_562_885_632, 15_636_365_312)]
    [InlineData("transfusion-163m", 226_492_416, 100_687_872, 49_152_000, 376_332_288, 476_971_008)]
    [InlineData("transfusion-760m", 1_358_954_496, 302_063_616, 98_304_000, 1_759_322_112, 2_061_238_272)]
    [InlineData("transfusion-1.4b", 2_466_250_752, 402_751_488, 131_072_000, 3_000_074_240, 3_402_629_120)]
    [InlineData("transfusion-7b", 12_952_010_752, 1_074_003_968, 262_144_000, 14_288_158_720, 15_361_638_400)]
    public void PresetsCostWhatThePaperSays(string preset, double projections, double attention, double head, double causal, double full)
    {
        var config = ModelPresets.Get(preset);
        Assert.Equal(new Flops(projections, attention, head), Flops.PerTokenCausal(config, 4096));
        Assert.Equal(causal, Flops.PerTokenCausal(config, 4096).Forward);
        Assert.Equal(full, Flops.PerTokenFull(config, 4096).Forward);
        Assert.Equal(causal, Flops.PerTokenCausal(config.AsDense(), 4096).Forward);
    }

    /// <summary>Every projection is a <see cref="Linear"/> or a <see cref="TowerProduct"/>: what their calls multiply is what the configuration says, whatever the modalities (SPEC §9.1).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ProjectionsMultiplyWhatIsCountedWhateverTheModalities(bool dense)
    {
        var config = dense ? TestModels.Config(3).AsDense() : TestModels.Config(3);
        using var model = TestModels.Create(config, 31);
        var multiplied = 0L;
        foreach (var linear in model.modules().OfType<Linear>())
            linear.register_forward_hook((_, input, output) =>
            {
                multiplied += 2 * input.numel() * output.shape[^1];
                return output;
            });
        Gen.Byte[0, 2].Array[1, 20].Sample(modalities =>
        {
            using var scope = NewDisposeScope();
            (multiplied, TowerProduct.ForwardFlops) = (0, 0);
            TestModels.Run(model, [.. modalities.Select((m, i) => (long)((i * 7) + m) % 50)], modalities);
            var counted = Flops.PerTokenCausal(config, modalities.Length);
            return multiplied + TowerProduct.ForwardFlops == modalities.Length * (counted.Projections + counted.Head);
        }, iter: 10, threads: 1);
    }

    /// <summary>All tokens meet all layers but the last, of which most need keys and values alone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    public void PromptsMultiplyWhatIsCounted(int length)
    {
        using var scope = NewDisposeScope();
        var config = TestModels.Config();
        using var model = TestModels.Create(config, 31);
        using var routing = model.Route([.. Enumerable.Range(0, length).Select(i => (byte)(i % 3 / 2))]);
        using var context = new AttentionContext(config, 1, length, CPU, ScalarType.Float64);
        TowerProduct.ForwardFlops = 0;
        model.LastStates(zeros([1, length], ScalarType.Int64), routing, context);
        var attended = ((config.LayerCount - 1) * length * (length + 1) / 2) + length; // pairs of query and key
        Assert.Equal(TowerProduct.ForwardFlops + (4 * attended * config.HeadCount * config.HeadDim) + (2 * config.VocabularySize * config.Dim), Flops.OfPrompt(config, length));
    }

    /// <summary>Patches of 2x2 latents of 2 numbers, 3 channels, by hand: 4 places at the first size, 1 at the second.</summary>
    [Fact]
    public void ConvolutionsOfAUnetAreCounted()
    {
        var config = ModelPresets.Get("mini") with { Diffusion = new() { PatchDim = 8, Channels = 2, Columns = 4, Unet = new() { Width = 3 } } };
        double multiplied = (4 * 2 * 3 * 9) + (4 * ((4 * 3 * 3 * 9) + (6 * 3))) + (4 * 3 * 3 * 9) + (6 * 3) + (12 * 3) + (3 * 12) + (4 * 3 * 2 * 9);
        Assert.Equal((2 * multiplied) + (4 * 3 * config.Dim), Flops.PatchProjections(config));
        Assert.Equal(4 * 8 * config.Dim, Flops.PatchProjections(config with { Diffusion = config.Diffusion! with { Unet = null } }));
    }

    [Theory]
    [InlineData(0, 8_390_656)]
    [InlineData(8, 8_651_776)]
    [InlineData(15, 8_880_256)]
    public void HybridMaskPairsAreThoseOfThePaper(int images, long pairs) =>
        Assert.Equal(pairs, Flops.AttendedPairs(4096, [.. Enumerable.Repeat(256, images)]));

    [Fact]
    public void HybridMaskPairsEqualACountOverTheMask() =>
        Gen.Int[1, 40].Array[0, 4].Select(Gen.Int[0, 30], (images, text) => (images, text)).Sample(sample =>
        {
            var image = sample.images.SelectMany((n, id) => Enumerable.Repeat(id, n)).Concat(Enumerable.Repeat(-1, sample.text)).ToArray();
            var pairs = 0L;
            for (var i = 0; i < image.Length; i++)
                for (var j = 0; j < image.Length; j++)
                    if (j <= i || (image[i] >= 0 && image[i] == image[j]))
                        pairs++;
            return pairs == Flops.AttendedPairs(image.Length, sample.images);
        });
}
