using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class SpeechTableTests
{
    private static readonly SpeechQuality Speech = new()
    {
        HeldOutClips = 10,
        TokensPerSecond = 25,
        CodebookSize = 500,
        CodesUsed = 300,
        MelCepstralDistortionDb = 3,
        RecognizedWords = ["one", "two"],
        OriginalRecognized = 1,
        DecodedRecognized = 0.9,
    };

    [Fact]
    public void WhatModelsSayOfImagesIsShownWhereItWasMeasured()
    {
        var model = new ModelSpeechQuality { Architecture = "mot", HeardClips = 10, HeardRight = 0.8, WordErrorRate = 0.2, SpokenClips = 100, SpokenRecognized = 0.7 };
        var without = SpeechTable.Of(Speech with { Models = [model] });
        Assert.Equal(["", "Written down right", "Word error rate", "Recognized"], without.Columns.Select(c => c.Header));
        var with = SpeechTable.Of(Speech with { Models = [model, model with { Architecture = "dense", SeenImages = 4, SeenRecognized = 0.75 }] });
        Assert.Equal("Said of images", with.Columns[^1].Header);
        Assert.Equal(["", "", "-", "75%"], with.Rows.Select(r => r[^1].Text));
        Assert.All(with.Rows, row => Assert.Equal(5, row.Length));
    }

    [Fact]
    public void WhatModelsDrawOfSpeechIsShownBesideTheImagesThemselves()
    {
        var model = new ModelSpeechQuality { Architecture = "mot", HeardClips = 10, HeardRight = 0.8, WordErrorRate = 0.2, DrawnImages = 10, DrawnMatched = 0.6 };
        var table = SpeechTable.Of(Speech with { OriginalMatched = 0.95, Models = [model] });
        Assert.Equal("Drawn from speech", table.Columns[^1].Header);
        Assert.Equal(["95%", "", "60%"], table.Rows.Select(r => r[^1].Text));
        var withoutRecognizer = SpeechTable.Of(Speech with { RecognizedWords = [], OriginalRecognized = null, DecodedRecognized = null, OriginalMatched = 0.95, Models = [model] });
        Assert.Equal(["Recordings", "MoT"], withoutRecognizer.Rows.Select(r => r[0].Text));
    }

    [Fact]
    public void BothVocodersAreShownWhereThereAreTwo()
    {
        var table = SpeechTable.Of(Speech with { GriffinLimRecognized = 0.8 });
        Assert.Equal(["Recordings", "Encoded and decoded", "Decoded by Griffin-Lim"], table.Rows.Select(r => r[0].Text));
        Assert.Equal(["100%", "90%", "80%"], table.Rows.Select(r => r[^1].Text));
        Assert.All(table.Rows, row => Assert.Equal(4, row.Length));
    }
}
