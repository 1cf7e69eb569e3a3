using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Data.Speaking;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Data.Speaking;

public sealed class SpokenWordsSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AMissingProgramIsNamedWithTheCommandThatInstallsIt() =>
        Assert.Contains("sudo apt install espeak-ng", Assert.Throws<MotException>(() => EspeakProgram.Find(_folder.Path)).Message);

    [Fact]
    public void DocumentsDependOnSeedAndIndexAlone()
    {
        var program = Install("echo \"$@\" >> \"$(dirname \"$0\")/log\"; cat \"$(dirname \"$0\")/sound.wav\"");
        var first = Read(program, count: 30, seed: 1);
        Assert.Equal(first, Read(program, count: 40, seed: 1)[..30]);
        Assert.NotEqual(first, Read(program, count: 30, seed: 2));
        Assert.True(first.Select(d => d.Words).Distinct().Count() > 5);
        Assert.Contains(File.ReadAllLines(_folder.File("log")), line => line.StartsWith("--stdout -z -v en-", StringComparison.Ordinal) && line.Contains(" -- seven", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatWasSpokenIsNotSpokenAgain()
    {
        var program = Install("echo spoken >> \"$(dirname \"$0\")/log\"; cat \"$(dirname \"$0\")/sound.wav\"");
        Read(program, count: 70, seed: 1);
        Read(program, count: 70, seed: 1);
        Assert.InRange(File.ReadAllLines(_folder.File("log")).Length, 60, 70); // some voices may be drawn twice
    }

    [Fact]
    public void FailuresOfTheProgramAreTold()
    {
        var source = new SpokenWordsSource(new() { Words = ["seven"], Voices = ["none"] }, 0, new Speaker(Install("echo no such voice >&2; exit 1"), 8000, byPhrase: false));
        var message = Assert.Throws<MotException>(() => source.Read(new()).First()).Message;
        Assert.Contains("'seven' with the voice none: no such voice", message);
    }

    [Fact]
    public void TheRealProgramSpeaks()
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(f => File.Exists(Path.Combine(f, "espeak-ng"))))
            Assert.Skip("espeak-ng is not installed");
        var recipe = new DataRecipe { Sources = [new SpokenWordsRecipe { Count = 24 }], SampleRate = 8000 };
        var clips = new DataMix(recipe).Read(new(0)).SelectMany(d => d.Document.Parts.OfType<SpeechPart>()).Select(p => p.Clip).ToList();
        Assert.All(clips, c => Assert.InRange(c.Seconds, 0.2, 3));
        Assert.All(clips, c => Assert.InRange(c.Samples.Max(), 0.05f, 1.2f));
    }

    private EspeakProgram Install(string script)
    {
        WavFile.Write(_folder.File("sound.wav"), TestAudio.Sine(200, 22050));
        File.WriteAllText(_folder.File("espeak-ng"), $"#!/bin/sh\n{script}\n");
        UnixMode.Set(_folder.File("espeak-ng"), UnixMode.Executable);
        return EspeakProgram.Find(_folder.Path);
    }

    private static List<(string Words, string? Key)> Read(EspeakProgram program, int count, long seed) =>
        [.. new SpokenWordsSource(new() { Count = count }, seed, new Speaker(program, 8000, byPhrase: false)).Read(new(0)).Select(d => (((TextPart)d.Parts[0]).Text, d.SplitKey))];
}
