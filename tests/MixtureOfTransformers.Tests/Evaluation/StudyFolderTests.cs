using System.Text.Json;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudyFolderTests
{
    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        using var folder = new TemporaryFolder();
        var written = StudyFolder.Write(folder.Path, ExampleReports.Study() with { Samples = ExampleReports.Small().Samples });
        var read = StudyFolder.Read(folder.Path);
        Assert.Equal(JsonSerializer.Serialize(written, StudyJson.Default.ComparisonStudy), JsonSerializer.Serialize(read, StudyJson.Default.ComparisonStudy));
        Assert.Equal(HtmlReport.Render(written), HtmlReport.Render(read));
        Assert.Equal(["audio", "compare.json", "curves.csv", "images", "plots", "report.html", "results.csv", "tensorboard"],
            Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
