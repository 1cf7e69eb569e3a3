using System.Xml.Linq;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation.Html;
using MixtureOfTransformers.Evaluation.Plots;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudyPlotsTests
{
    [Fact]
    public void EveryModalityHasItsPlotsAsSvgAndPng()
    {
        using var folder = new TemporaryFolder();
        StudyPlots.Write(folder.Path, ExampleReports.Study(training: false));
        var names = from modality in (string[])["image", "text"]
                    from kind in (string[])["loss", "matching"]
                    from axis in (string[])["flops", "seconds", "steps"]
                    from end in (string[])["png", "svg"]
                    select $"{modality}-{kind}-{axis}.{end}";
        Assert.Equal(names, Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        var picture = ImageCodec.Decode(File.ReadAllBytes(folder.File("image-matching-steps.png")), new Rgb(255, 255, 255));
        Assert.Equal((900, 560), (picture.Width, picture.Height));
        var text = string.Concat(XDocument.Load(folder.File("image-matching-steps.svg")).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value + "\n"));
        Assert.Contains("MoT, slope 0.45", text); // the text is there even on a machine without fonts
        Assert.Contains("equal cost", text);
    }

    [Fact]
    public void ColoursAreThoseOfThePage() =>
        Assert.All(PlotStyle.Colors.Select((hex, i) => $"--c{i}: {hex};"), colour => Assert.Contains(colour, PageAssets.Style.ToString()));
}
