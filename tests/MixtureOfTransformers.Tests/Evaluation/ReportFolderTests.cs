using System.Text.Json;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ReportFolderTests
{
    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        using var folder = new TemporaryFolder();
        var written = ReportFolder.Write(folder.Path, ExampleReports.Small());
        var read = ReportFolder.Read(folder.Path);
        Assert.Equal(JsonSerializer.Serialize(written, ReportJson.Default.ComparisonReport), JsonSerializer.Serialize(read, ReportJson.Default.ComparisonReport));
        Assert.Equal(HtmlReport.Render(written), HtmlReport.Render(read));
    }

    [Fact]
    public void ImagesLieBesideTheJsonUnderTellingNames()
    {
        using var folder = new TemporaryFolder();
        var report = ReportFolder.Write(folder.Path, ExampleReports.Small());
        Assert.Equal("images/sample-1-mot.png", report.Samples[0].Generated[1].Image!.File);
        Assert.Equal(report.Samples[0].Generated[1].Image!.Png.ToArray(), File.ReadAllBytes(folder.File("images/sample-1-mot.png")));
        Assert.Equal("audio/sample-2-mot.wav", report.Samples[1].Generated[1].Sound!.File);
        Assert.Equal("images/sample-2-mot-spectrogram.png", report.Samples[1].Generated[1].Sound!.Spectrogram.File);
        Assert.True(File.Exists(folder.File("audio/speech-1-decoded.wav")));
        Assert.DoesNotContain("base64", File.ReadAllText(folder.File(ReportFolder.JsonName)));
    }

    [Fact]
    public void WritingTwiceGivesTheSameBytes()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        ReportFolder.Write(first.Path, ExampleReports.Small());
        ReportFolder.Write(second.Path, ExampleReports.Small());
        foreach (var name in (string[])[ReportFolder.JsonName, ReportFolder.HtmlName])
            Assert.Equal(File.ReadAllBytes(first.File(name)), File.ReadAllBytes(second.File(name)));
    }

    [Fact]
    public void ReportWithoutOptionalPartsIsReadWithTheirDefaults()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File(ReportFolder.JsonName), """{"metadata":{"setting":"x","date":"2026-01-02T00:00:00+00:00","seed":1,"command":"mot"},"baseline":"dense","results":[],"matches":[],"curves":[]}""");
        var report = ReportFolder.Read(folder.Path);
        Assert.Empty(report.Samples);
        Assert.Empty(report.Notes);
        Assert.Empty(report.Metadata.Machine);
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    public void ImageOutsideTheFolderIsRefused(string file) => AssertRefused(json => json.Replace("images/sample-1-mot.png", file), "inside the report's folder");

    [Fact]
    public void MissingImageIsNamed() => AssertRefused(json => json.Replace("sample-1-mot", "sample-9-mot"), "sample-9-mot.png");

    [Fact]
    public void UnknownFieldIsRefused() => AssertRefused(json => json.Replace("\"baseline\"", "\"base_line\""), "base_line");

    private static void AssertRefused(Func<string, string> damage, string words)
    {
        using var folder = new TemporaryFolder();
        ReportFolder.Write(folder.Path, ExampleReports.Small());
        var path = folder.File(ReportFolder.JsonName);
        File.WriteAllText(path, damage(File.ReadAllText(path)));
        Assert.Contains(words, Assert.ThrowsAny<MotException>(() => ReportFolder.Read(folder.Path)).Message);
    }
}
