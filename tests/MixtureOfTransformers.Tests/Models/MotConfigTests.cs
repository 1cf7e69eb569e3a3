using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Models;

public sealed class MotConfigTests
{
    private static readonly MotConfig Valid = new() { VocabularySize = 100, Dim = 32, LayerCount = 2, HeadCount = 4 };

    [Fact]
    public void JsonRoundTripKeepsEveryField()
    {
        var config = Valid with
        {
            KeyValueHeadCount = 2,
            FeedForwardDim = 96,
            Modalities = [ModalityId.Text, ModalityId.Image, ModalityId.Speech],
            Towers = [0, 1, 0],
            Untied = UntiedParts.FeedForward | UntiedParts.Norms,
            NormPlacement = NormPlacement.Pre,
            QkNorm = QkNorm.Layer,
            RopeTheta = 500,
            NormEpsilon = 1e-6,
            MaxSequenceLength = 77,
        };
        var json = JsonSerializer.Serialize(config, ModelJson.Default.MotConfig);
        var back = JsonFile.Parse(json, "test", ModelJson.Default.MotConfig);
        Assert.Equal(json, JsonSerializer.Serialize(back, ModelJson.Default.MotConfig));
        Assert.Contains("\"untied\": \"feed_forward, norms\"", json);
        Assert.Contains("\"norm_placement\": \"pre\"", json);
    }

    [Fact]
    public void UnknownFieldIsRefusedByName()
    {
        var error = Assert.Throws<ConfigException>(() => JsonFile.Parse("""{"vocabulary_size":1,"dim":2,"layer_count":1,"head_count":1,"dimm":3}""", "x.json", ModelJson.Default.MotConfig));
        Assert.Contains("x.json", error.Message);
        Assert.Contains("dimm", error.Message);
    }

    [Fact]
    public void BadValuesAreRefusedWithTheValue()
    {
        AssertRefused(Valid with { HeadCount = 5 }, "dim 32 is not a multiple of head_count 5");
        AssertRefused(Valid with { Dim = 12 }, "= 3 must be even");
        AssertRefused(Valid with { KeyValueHeadCount = 3 }, "key_value_head_count 3");
        AssertRefused(Valid with { Towers = [0] }, "1 entries for 2 modalities");
        AssertRefused(Valid with { Towers = [0, 2] }, "without gaps");
        AssertRefused(Valid with { Modalities = [ModalityId.Text, ModalityId.Text] }, "each modality once");
        AssertRefused(Valid with { VocabularySize = 0 }, "vocabulary_size 0");
    }

    [Fact]
    public void UnknownPresetListsTheKnownOnes() => Assert.Contains("443m", Assert.Throws<ConfigException>(() => ModelPresets.Get("8b")).Message);

    private static void AssertRefused(MotConfig config, string words) => Assert.Contains(words, Assert.Throws<ConfigException>(config.Validate).Message);
}
