using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Data.Scenes;
using MixtureOfTransformers.Data.Speaking;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Data.Speaking;

public sealed class SpokenCaptionSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CaptionsAreSpokenAsOftenAsAskedForAndTheSameEachTime()
    {
        var all = Read(1);
        Assert.All(all, d => Assert.IsType<SpeechPart>(d.Parts[2]));
        Assert.Contains(File.ReadAllLines(_folder.File("log")), line => line.EndsWith($" -- {Caption(all[7])}", StringComparison.Ordinal));
        var some = Read(0.3);
        Assert.InRange(some.Count(d => d.Parts.Length == 3), 20, 45);
        Assert.Equal(some.Select(d => d.Parts.Length), Read(0.3).Select(d => d.Parts.Length));
        Assert.Equal(all.Select(d => (d.Name, d.SplitKey, Caption(d))), some.Select(d => (d.Name, d.SplitKey, Caption(d))));
    }

    [Fact]
    public void WhereUtterancesAreInterleavedTwoWordsAtATimeAreSpoken()
    {
        var document = Read(1, interleave: 0.5).First(d => Caption(d).StartsWith("a ", StringComparison.Ordinal));
        var (words, speech) = (Caption(document).Split(' '), (SpeechPart)document.Parts[2]);
        Assert.Equal([new($"{words[0]} {words[1]}", 0), new(words[2], speech.Clip.Seconds / 2)], speech.Phrases);
        Assert.Empty(((SpeechPart)Read(1)[0].Parts[2]).Phrases);
    }

    [Fact]
    public void ShortCaptionsNameColourAndShape() => Assert.All(Read(0), d => Assert.Matches("^an? [a-z]+ [a-z]+$", Caption(d)));

    [Theory]
    [InlineData("""{"type": "scenes", "spoken": 1.5}""", "spoken 1.5 must be from 0 to 1")]
    [InlineData("""{"type": "text", "paths": ["x"], "spoken": 1}""", "only captions of images")]
    [InlineData("""{"type": "captioned_images", "path": "x", "speech_field": "y", "spoken": 1}""", "only captions of images without speech")]
    public void WhatCannotBeSpokenIsNamed(string source, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigException>(() => JsonFile.Parse($$"""{"sources": [{{source}}]}""", "recipe.json", DataJson.Default.DataRecipe).Validate()).Message);

    private List<Document> Read(double share, double interleave = 0)
    {
        WavFile.Write(_folder.File("sound.wav"), TestAudio.Sine(200, 8000, seconds: 0.05));
        File.WriteAllText(_folder.File("espeak-ng"), "#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/log\"; cat \"$(dirname \"$0\")/sound.wav\"\n");
        UnixMode.Set(_folder.File("espeak-ng"), UnixMode.Executable);
        var scenes = new SceneSource(new() { Count = 100, ImageSizes = [new(8)], MaxObjects = 1, ShortCaptions = true });
        var recipe = new DataRecipe { Sources = [new SceneRecipe()], SampleRate = 8000, Seed = 3, Interleave = interleave };
        return [.. new SpokenCaptionSource(scenes, share, recipe, EspeakProgram.Find(_folder.Path)).Read(new(0))];
    }

    private static string Caption(Document document) => ((TextPart)document.Parts[0]).Text;
}
