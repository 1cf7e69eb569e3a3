using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Every number here is printed in the tables of the paper's specification (§9.2, §9.3) or derived from them; none is computed by the code under test.</summary>
public sealed class ParameterCountTests
{
    [Theory]
    [InlineData("37m", 36_964_864, 40_375_296, 43_785_728, 3_410_432)]
    [InlineData("94m", 94_381_568, 121_654_272, 148_926_976, 27_272_704)]
    [InlineData("443m", 442_552_320, 750_886_912, 1_059_221_504, 308_334_592)]
    [InlineData("880m", 880_882_176, 1_560_437_760, 2_239_993_344, 679_555_584)]
    [InlineData("1.5b", 1_501_667_328, 2_734_899_200, 3_968_131_072, 1_233_231_872)]
    [InlineData("7b", 7_013_150_720, 13_489_430_528, 19_965_710_336, 6_476_279_808)]
    [InlineData("transfusion-163m", 162_423_552, 275_695_104, 388_966_656, 113_271_552)]
    [InlineData("transfusion-0.37b", 373_867_520, 682_199_040, 990_530_560, 308_331_520)]
    [InlineData("transfusion-760m", 777_856_512, 1_457_409_024, 2_136_961_536, 679_552_512)]
    [InlineData("transfusion-1.4b", 1_364_297_728, 2_597_523_456, 3_830_749_184, 1_233_225_728)]
    [InlineData("transfusion-7b", 6_738_415_616, 13_214_687_232, 19_690_958_848, 6_476_271_616)]
    public void PresetsCountAsThePaperSays(string preset, long dense, long twoTowers, long threeTowers, long nonEmbeddingPerTower)
    {
        var config = ModelPresets.Get(preset);
        Assert.Equal(dense, ParameterCount.Of(config.AsDense()).Total);
        Assert.Equal(nonEmbeddingPerTower, ParameterCount.Of(config.AsDense()).NonEmbedding);
        Assert.Equal(twoTowers, ParameterCount.Of(config).Total);
        Assert.Equal(dense, ParameterCount.Of(config).Activated);
        Assert.Equal(threeTowers, ParameterCount.Of(WithSpeech(config)).Total);
        Assert.Equal(dense, ParameterCount.Of(WithSpeech(config)).Activated);
    }

    [Theory]
    [InlineData("transfusion-163m", 837_920)]
    [InlineData("transfusion-0.37b", 1_379_360)]
    [InlineData("transfusion-760m", 2_855_456)]
    [InlineData("transfusion-1.4b", 4_855_840)]
    [InlineData("transfusion-7b", 18_100_256)]
    public void PatchProjectionsCountAsThePaperSays(string preset, long patches)
    {
        var config = ModelPresets.Get(preset) with { Diffusion = new() { PatchDim = 32 } };
        Assert.Equal(patches, ParameterCount.Of(config).Patches);
        using var scope = NewDisposeScope();
        using var built = new MotModel(config with { LayerCount = 1 }, META, null);
        Assert.Equal(ParameterCount.Of(config with { LayerCount = 1 }).Total, built.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void AUnetIsBuiltWithTheParametersItsConfigurationCounts(int size) =>
        AssertBuiltAsCounted($"patches of {size}", ModelPresets.Get("mini") with { Diffusion = new() { PatchDim = 5 * size * size, Channels = 5, Columns = 3, Unet = new() { Width = 12 } } });

    [Theory]
    [InlineData("443m", 442_552_320, 1_059_221_504, 1024)]
    [InlineData("880m", 880_882_176, 2_239_993_344, 1536)]
    [InlineData("1.5b", 1_501_667_328, 3_968_131_072, 2048)]
    [InlineData("7b", 7_013_150_720, 19_965_710_336, 4096)]
    public void SpeechAddsATowerAndItsFiveHundredIds(string preset, long dense, long threeTowers, int dim)
    {
        var config = ModelPresets.Get($"{preset}-speech");
        Assert.Equal(threeTowers + (2 * 500 * dim), ParameterCount.Of(config).Total);
        Assert.Equal(dense + (2 * 500 * dim), ParameterCount.Of(config).Activated);
        Assert.Equal(ParameterCount.Of(config).Activated, ParameterCount.Of(config.AsDense()).Total);
    }

    [Theory]
    [InlineData("37m", 36_964_608, 256)]
    [InlineData("94m", 94_380_544, 1024)]
    [InlineData("443m", 442_549_248, 3072)]
    [InlineData("880m", 880_879_104, 3072)]
    [InlineData("1.5b", 1_501_661_184, 6144)]
    [InlineData("7b", 7_013_142_528, 8192)]
    public void QkNormKindsCountAsThePaperSays(string preset, long withoutQkNorm, long layerNormExtra)
    {
        var dense = ModelPresets.Get(preset).AsDense();
        Assert.Equal(withoutQkNorm, ParameterCount.Of(dense with { QkNorm = QkNorm.None }).Total);
        Assert.Equal(ParameterCount.Of(dense).Total + layerNormExtra, ParameterCount.Of(dense with { QkNorm = QkNorm.Layer }).Total);
    }

    [Theory]
    [InlineData(UntiedParts.FeedForward, 1_333_867_008)]
    [InlineData(UntiedParts.FeedForward | UntiedParts.QueryKeyValue, 1_503_736_320)]
    [InlineData(UntiedParts.FeedForward | UntiedParts.QueryKeyValue | UntiedParts.Output, 1_560_359_424)]
    [InlineData(UntiedParts.All, 1_560_437_760)]
    public void AblationArmsCountAsThePaperSays(UntiedParts untied, long expected) =>
        Assert.Equal(expected, ParameterCount.Of(ModelPresets.Get("880m") with { Untied = untied }).Total);

    [Fact]
    public void EveryPresetIsBuiltWithTheParametersItsConfigurationCounts()
    {
        foreach (var (name, config) in ModelPresets.All)
            AssertBuiltAsCounted(name, config);
    }

    [Fact]
    public void VariantsAreBuiltWithTheParametersTheirConfigurationCounts()
    {
        var config = ModelPresets.Get("mini");
        AssertBuiltAsCounted("dense", config.AsDense());
        AssertBuiltAsCounted("three towers", WithSpeech(config));
        AssertBuiltAsCounted("leave one out", WithSpeech(config) with { Towers = [0, 1, 0] });
        AssertBuiltAsCounted("grouped heads", config with { KeyValueHeadCount = 2 });
        AssertBuiltAsCounted("layer norm", config with { QkNorm = QkNorm.Layer });
        foreach (var untied in (UntiedParts[])[UntiedParts.None, UntiedParts.FeedForward, UntiedParts.QueryKeyValue, UntiedParts.Output, UntiedParts.Norms])
            AssertBuiltAsCounted($"untied {untied}", config with { Untied = untied });
    }

    private static void AssertBuiltAsCounted(string name, MotConfig config)
    {
        using var scope = NewDisposeScope();
        using var model = new MotModel(config, META, generator: null);
        var built = model.parameters().Sum(p => p.numel());
        Assert.True(built == ParameterCount.Of(config).Total, $"{name}: built {built}, counted {ParameterCount.Of(config).Total}");
    }

    private static MotConfig WithSpeech(MotConfig config) => config with { Modalities = [.. config.Modalities, ModalityId.Speech] };
}
