using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Models;

/// <summary>Each name gives the model it says. Numbers of parameters are those of SPEC §9.2 and §9.3, not computed by the code under test.</summary>
public sealed class ArchitecturesTests
{
    [Theory]
    [InlineData("37m", 44_046_848)]
    [InlineData("94m", 151_021_056)]
    [InlineData("443m", 1_065_504_768)]
    [InlineData("880m", 2_239_984_128)]
    [InlineData("1.5b", 3_993_280_512)]
    [InlineData("7b", 19_999_240_192)]
    [InlineData("transfusion-163m", 388_965_120)]
    [InlineData("transfusion-0.37b", 996_819_968)]
    [InlineData("transfusion-760m", 2_136_958_464)]
    [InlineData("transfusion-1.4b", 3_855_910_912)]
    [InlineData("transfusion-7b", 19_724_505_088)]
    public void FourExpertsCountAsThePaperSays(string preset, long expected) =>
        Assert.Equal(expected, ParameterCount.Of(Architectures.Apply("moe-4x", ModelPresets.Get(preset))).Total);

    [Theory]
    [InlineData("443m", 1_373_839_360)]
    [InlineData("transfusion-760m", 2_816_510_976)]
    public void TheHybridCountsAsThePaperSays(string preset, long expected) =>
        Assert.Equal(expected, ParameterCount.Of(Architectures.Apply("hybrid", ModelPresets.Get(preset))).Total);

    [Theory]
    [InlineData("untied-ffn", 1_333_867_008)]
    [InlineData("untied-ffn-qkv", 1_503_736_320)]
    [InlineData("untied-ffn-qkv-o", 1_560_359_424)]
    [InlineData("mot", 1_560_437_760)]
    [InlineData("dense", 880_882_176)]
    public void TheAblationCountsAsThePaperSays(string name, long expected) =>
        Assert.Equal(expected, ParameterCount.Of(Architectures.Apply(name, ModelPresets.Get("880m"))).Total);

    [Fact]
    public void LeaveOneOutIsolatesItsModality()
    {
        var config = ModelPresets.Get("443m") with { Modalities = [ModalityId.Text, ModalityId.Image, ModalityId.Speech] };
        Assert.Equal([0, 1, 1], Architectures.Apply("loo-text", config).Towers);
        Assert.Equal([0, 1, 0], Architectures.Apply("loo-image", config).Towers);
        Assert.Equal([0, 0, 1], Architectures.Apply("loo-speech", config).Towers);
    }

    /// <summary>One expert per modality is MoT with nothing but the feed-forward layers untied (SPEC §3).</summary>
    [Fact]
    public void OneExpertPerModalityIsTheFirstArmOfTheAblation()
    {
        var config = TestModels.Config();
        Assert.Equal(ParameterCount.Of(Architectures.Apply("untied-ffn", config)), ParameterCount.Of(Architectures.Apply("moma-1t1i", config)));
    }

    [Fact]
    public void EveryArchitectureIsBuiltWithTheParametersItsConfigurationCounts()
    {
        using var scope = NewDisposeScope();
        var config = TestModels.Config(3);
        foreach (var name in Architectures.Names.Select(name => name.Replace("moma-4t4i", "moma-3t2i4s")).Append("hybrid-2x"))
        {
            var own = Architectures.Apply(name, config).Validate();
            using var model = new MotModel(own, META, generator: null);
            Assert.Equal((name, ParameterCount.Of(own).Total), (name, model.parameters().Sum(p => p.numel())));
            if (own.MixtureOfDepths is null)
                Assert.Equal(ParameterCount.Of(config).Activated, ParameterCount.Of(own).Activated);
        }
    }

    [Theory]
    [InlineData("foo")]
    [InlineData("moe-0x")]
    [InlineData("loo-")]
    [InlineData("mod-foo")]
    [InlineData("mod-mod-mot")]
    [InlineData("moma-4t")]     // no images
    [InlineData("moma-4t4t4i")] // text twice
    [InlineData("loo-speech")]  // no such modality here
    public void WhatDoesNotExistOrFitIsRefused(string name) => Assert.Throws<ConfigException>(() => Architectures.Apply(name, TestModels.Config()));
}
