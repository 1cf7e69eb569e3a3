using System.Globalization;
using System.Text;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed class StudyCsvTests
{
    private static readonly ComparisonStudy Example = ExampleReports.Study(training: false);

    [Fact]
    public void CurvesAreReadBackExactly()
    {
        var rows = Parse(StudyCsv.Curves(Example));
        var points = Example.Seeds.SelectMany(s => s.Curves.SelectMany(c => c.Points.Select(p => (s.Seed, c.Architecture, c.Modality.Name, p)))).ToArray();
        Assert.Equal(points.Length, rows.Count - 1);
        Assert.Equal("seed,architecture,modality,split,step,flops,seconds,loss", string.Join(",", rows[0]));
        Assert.Equal(points, rows.Skip(1).Select(r => (long.Parse(r[0]), r[1], r[2], new LossPoint(long.Parse(r[4]), Number(r[5])!.Value, Number(r[6])!.Value, Number(r[7])!.Value))));
    }

    [Fact]
    public void ResultsHoldEverySeedAndLeaveWhatWasNotReachedEmpty()
    {
        var rows = Parse(StudyCsv.Results(Example)).Skip(1).ToArray();
        Assert.Equal(3 * 2 * 4, rows.Length);
        var hybrid = rows.Where(r => r[1] == "hybrid" && r[2] == "text").ToArray();
        Assert.All(hybrid, r => Assert.Equal(("", "not_reached"), (r[7], r[12])));
        var mot = Example.Quality.Single(q => q.Architecture == "mot" && q.Modality.Name == "image");
        Assert.Equal(mot.StepRatio.Values, rows.Where(r => r[1] == "mot" && r[2] == "image").Select(r => Number(r[7])));
    }

    [Fact]
    public void ARunThatDivergedKeepsItsCostAndTheStep()
    {
        var study = ExampleReports.Diverging("mot", 2);
        var rows = Parse(StudyCsv.Results(study));
        var diverged = rows.Skip(1).Where(r => r[12] == "diverged").ToArray();
        Assert.Equal(4, diverged.Length); // two modalities, two splits
        Assert.All(diverged, r => Assert.Equal(("2", "mot", "601"), (r[0], r[1], r[Array.IndexOf(rows[0], "diverged_at_step")])));
        Assert.All(diverged, r => Assert.Equal(("600", ""), (r[Array.IndexOf(rows[0], "steps")], r[Array.IndexOf(rows[0], "end_loss")])));
        Assert.All(diverged, r => Assert.InRange(Number(r[Array.IndexOf(rows[0], "seconds")])!.Value, 20, 40));
        Assert.Equal(601, study.Seeds[1].Results.First(r => r.Architecture == "mot").Divergence!.Step);
        Assert.All(rows.Skip(1).Except(diverged), r => Assert.Equal("", r[Array.IndexOf(rows[0], "diverged_at_step")]));
    }

    [Fact]
    public void DrawingsDescriptionsAndSpeechAreInTheRowsOfTheirModality()
    {
        var scores = new ImageScores { FrechetDistance = 12.5, CaptionScore = 0.25, Cider = 3.5, Bleu = 0.125 };
        var seed = Example.Seeds[1].Seed;
        var rows = Parse(StudyCsv.Results(Example with
        {
            Quality = [.. Example.Quality.Select(q => q.Modality == ModalityId.Text ? q with { Modality = ModalityId.Speech } : q)],
            Images = new() { Count = 8, Features = "f", BleuOrder = 4, Training = new(), HeldOut = new(), Shuffled = new(), Models = [new("mot", seed, scores)] },
            Speech = new() { HeldOutClips = 4, TokensPerSecond = 25, CodebookSize = 500, CodesUsed = 300, MelCepstralDistortionDb = 3, Models = [new() { Architecture = "mot", HeardClips = 4, HeardRight = 0.75, WordErrorRate = 0.5, SpokenRecognized = 0.25 }] },
        }));
        string[] Cells(string[] row, params string[] columns) => [.. columns.Select(c => row[Array.IndexOf(rows[0], c)])];
        string[] images = ["frechet_distance", "caption_score", "cider_d", "bleu"], speech = ["heard_right", "word_error_rate", "spoken_recognized", "seen_recognized"];
        string[] Key(string[] row) => Cells(row, "seed", "architecture", "modality", "split");
        Assert.Equal(["12.5", "0.25", "3.5", "0.125"], Cells(rows.Single(r => Key(r).SequenceEqual([$"{seed}", "mot", "image", "validation"])), images));
        Assert.Equal(["0.75", "0.5", "0.25", ""], Cells(rows.Single(r => Key(r).SequenceEqual([$"{Example.Seeds[0].Seed}", "mot", "speech", "validation"])), speech));
        Assert.Equal(1, rows.Skip(1).Count(r => Cells(r, images).Any(c => c != "")));
        Assert.Equal(1, rows.Skip(1).Count(r => Cells(r, speech).Any(c => c != "")));
    }

    [Fact]
    public void FieldsAreQuotedWhereTheyMustBe()
    {
        var text = CsvText.Of(["a", "b"], [["x,\"y\"\r\nz", -0.5], [null, 1e-17]]);
        Assert.Equal("a,b\r\n\"x,\"\"y\"\"\r\nz\",-0.5\r\n,1E-17\r\n", text);
        Assert.Equal(["x,\"y\"\r\nz", "-0.5"], Parse(text)[1]);
    }

    [Fact]
    public void NumbersDoNotFollowTheMachinesLanguage()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = new() { NumberDecimalSeparator = ",", NegativeSign = "−" } };
        try
        {
            Assert.Equal("a\r\n-1.5\r\n", CsvText.Of(["a"], [[-1.5]]));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static double? Number(string field) => field.Length == 0 ? null : double.Parse(field, CultureInfo.InvariantCulture);

    /// <summary>A reader of RFC 4180 that shares nothing with the writer.</summary>
    private static List<string[]> Parse(string text)
    {
        var (rows, row, field, quoted) = (new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[++i]);
            else if (c == '"')
                quoted = !quoted;
            else if (quoted || c is not (',' or '\r' or '\n'))
                field.Append(c);
            else if (c != '\r')
            {
                row.Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    rows.Add([.. row]);
                    row.Clear();
                }
            }
        }
        Assert.True(!quoted && row.Count == 0 && field.Length == 0, "the file ends within a row");
        return rows;
    }
}
