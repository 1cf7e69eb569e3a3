using System.Text.RegularExpressions;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class ImageQualityTableTests
{
    private static readonly ImageQuality Images = new()
    {
        Count = 200,
        Features = "made-up features",
        BleuOrder = 2,
        Training = new() { FrechetDistance = 0.5 },
        HeldOut = new() { CaptionScore = 0.8, Cider = 2.5, Bleu = 1 },
        Shuffled = new() { CaptionScore = 0.01, Cider = 0.25, Bleu = 0.1 },
        Models =
        [
            new("dense", 1, new() { FrechetDistance = 4, CaptionScore = 0.3, Cider = 0.5, Bleu = 0.2 }),
            new("dense", 2, new() { FrechetDistance = 6, CaptionScore = 0.5, Cider = 0.5, Bleu = 0.4 }),
            new("mot", 1, new() { FrechetDistance = 2, CaptionScore = 0.6, Cider = 1, Bleu = 0.5 }),
        ],
    };

    [Fact]
    public void ModelsStandBesideTheDataWithTheSpreadOfTheirSeeds()
    {
        var table = ImageQualityTable.Of(Images);
        Assert.Equal(["", "Fréchet distance", "Caption score", "CIDEr-D", "BLEU-2"], table.Columns.Select(c => c.Header));
        Assert.Equal("""
            Training images | 0.50 | - | - | -
            Held-out images and captions | - | 0.800 | 2.50 | 1.000
            Held-out images, captions shuffled | - | 0.010 | 0.25 | 0.100
            Dense | 5.00 ± 1.41 | 0.400 ± 0.141 | 0.50 | 0.300 ± 0.141
            MoT | 2.00 | 0.600 | 1.00 | 0.500
            """.ReplaceLineEndings("\n"), string.Join('\n', table.Rows.Select(row => string.Join(" | ", row.Select(c => c.Text)))));
    }

    [Fact]
    public void AStudyKeepsAndShowsThem()
    {
        using var folder = new TemporaryFolder();
        StudyFolder.Write(folder.Path, ExampleReports.Study() with { Images = Images, Samples = ExampleReports.Small().Samples });
        Assert.Equal(Images.Models, StudyFolder.Read(folder.Path).Images!.Models);
        var page = File.ReadAllText(folder.File(StudyFolder.HtmlName));
        Assert.Contains("made-up features", page, StringComparison.Ordinal);
        var ids = Regex.Matches(page, "<section id=\"(.*?)\"").Select(m => m.Groups[1].Value).ToArray();
        Assert.Contains("images", ids); // the drawings themselves
        Assert.Equal(ids.Distinct(), ids);
    }
}
