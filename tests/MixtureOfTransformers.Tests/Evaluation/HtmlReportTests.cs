using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using MixtureOfTransformers.Evaluation;

namespace MixtureOfTransformers.Tests.Evaluation;

public sealed partial class HtmlReportTests
{
    private const string Hostile = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\" onload=\"alert(3) & <!-- ]]>";

    private static readonly string Page = HtmlReport.Render(ExampleReports.Small());

    [Fact]
    public void PageAsksTheNetworkForNothing()
    {
        Assert.DoesNotMatch("(?i)https?:|ftp:|wss?:|[\"'(]//|@import|<link|<iframe|<object|<base|fetch\\(|XMLHttpRequest|sendBeacon", Page);
        Assert.All(Regex.Matches(Page, @"\b(?:src|href|srcset|poster|action)\s*=\s*[""']?([^""'\s>]+)").Select(m => m.Groups[1].Value), a => Assert.Matches("^data:(image/png|audio/wav);base64,", a));
        Assert.All(Regex.Matches(Page, @"url\(([^)]*)\)").Select(m => m.Groups[1].Value), a => Assert.StartsWith("#", a));
        Assert.Contains("content=\"default-src 'none';", Page);
    }

    [Fact]
    public void HostileTextStaysText()
    {
        var report = ExampleReports.Small();
        var metadata = report.Metadata with
        {
            Setting = Hostile,
            Command = Hostile,
            Machine = ImmutableSortedDictionary<string, string>.Empty.Add(Hostile, Hostile),
            Versions = ImmutableSortedDictionary<string, string>.Empty.Add("v" + Hostile, Hostile),
            Recipe = JsonSerializer.SerializeToElement(Hostile),
        };
        var page = HtmlReport.Render(ComparisonReport.Create(metadata, ExampleReports.Run("dense", 1, 1, 1), ExampleReports.Run(Hostile, 0.5, 2, 1)) with
        {
            Notes = [Hostile],
            ImageTokenizer = report.ImageTokenizer,
            Speech = report.Speech! with { Models = [report.Speech.Models[0] with { Architecture = Hostile }], Reconstructions = [report.Speech.Reconstructions[0] with { Words = Hostile }] },
            Samples = [.. report.Samples.Select(s => s with { Caption = Hostile, Generated = [.. s.Generated.Select(g => g with { Architecture = Hostile, Caption = g.Caption is null ? null : Hostile })] })],
        });
        Assert.DoesNotContain("<script>alert", page);
        Assert.DoesNotContain("<img src=x", page);
        Assert.DoesNotContain("onload=\"", page);
        Assert.DoesNotContain("<!-- ]]>", page);
        Assert.True(Regex.Count(page, "&lt;script&gt;alert\\(1\\)") > 20); // and it is shown
        AssertTagsNest(page);
        Assert.Equal(1, Regex.Count(page, "<script"));
    }

    [Fact]
    public void DrawingsAreThereWithoutTheScript()
    {
        var page = Regex.Replace(Page, "<script>.*?</script>", "", RegexOptions.Singleline);
        // two modalities: six loss drawings (three axes, two scales) and three of step matching each
        Assert.Equal(2 * (6 + 3), Regex.Count(page, "<svg class=\"variant "));
        Assert.Equal(2 * 6 * 2 + 2, Regex.Count(page, "<path class=\"line s")); // and one of savings each
        Assert.Equal(2 * 3, Regex.Count(page, "<path class=\"fit s1\""));
        Assert.DoesNotContain("NaN", page);
        Assert.DoesNotContain("∞", page);
    }

    [Fact]
    public void EveryDotHasItsReadOut()
    {
        foreach (Match panel in Regex.Matches(Page, "<figure class=\"panel[^>]*data-tips=\"([^\"]*)\".*?</figure>", RegexOptions.Singleline))
        {
            var tips = JsonSerializer.Deserialize<string[][]>(System.Net.WebUtility.HtmlDecode(panel.Groups[1].Value))!;
            foreach (Match svg in Regex.Matches(panel.Value, "<svg class=\"variant .*?</svg>", RegexOptions.Singleline))
            {
                var dots = Regex.Matches(svg.Value, "<g class=\"dots s\\d\" data-skip=\"(\\d+)\">(.*?)</g>", RegexOptions.Singleline);
                Assert.Equal(tips.Select(t => t.Length), dots.Select(g => int.Parse(g.Groups[1].Value) + Regex.Count(g.Groups[2].Value, "<circle")));
            }
        }
    }

    [Fact]
    public void LossThatIsNotReachedIsCalledThat()
    {
        Assert.Contains("<p class=\"big words s1\">not reached</p>", Page);
        Assert.Contains("<td class=\"n\">not reached</td>", Page);
        Assert.Contains("class=\"unreached\"", Page);
        Assert.Contains("MoT does not reach the dense model&#39;s best text loss", Page);
    }

    [Fact]
    public void PicturesAreEnlargedPixelByPixelAndDescribed()
    {
        Assert.Contains("image-rendering: pixelated", Page);
        Assert.All(Regex.Matches(Page, "<img [^>]*>").Select(m => m.Value), image => Assert.Matches("alt=\"[^\"]+\"", image));
        Assert.Contains("alt=\"MoT: image generated for “a red square above a blue circle”\"", Page);
    }

    [Fact]
    public void SoundsHaveAPlayerUnderTheirPicture()
    {
        Assert.Equal(10, Regex.Count(Page, "<img [^>]*><audio controls [^>]*src=\"data:audio/wav;base64,UklGRuKApg==\"></audio>")); // of four samples and one reconstruction
        Assert.Matches("(?s)<section id=\"drawn-speech\">.*<audio [^>]*></audio>.*<img .*<section id=\"spoken-images\">.*<img .*<audio ", Page);
        Assert.Contains("alt=\"MoT: speech generated for “seven”\"", Page);
        Assert.Contains("media-src data:", Page);
        Assert.Contains("<td>Encoded and decoded</td>", Page);
        Assert.Contains(">95.5%</td>", Page);
    }

    [Fact]
    public void TablesHaveHeadings()
    {
        Assert.Equal(Regex.Count(Page, "<table"), Regex.Count(Page, "<thead><tr><th scope=\"col\""));
        Assert.Contains("<th scope=\"row\">MoT</th>", Page);
        Assert.Contains("title=\"2,212,352\">2.21M</td>", Page);
    }

    [Fact]
    public void SameReportGivesTheSamePage() => Assert.Equal(Page, HtmlReport.Render(ExampleReports.Small()));

    [Fact]
    public void TagsNest()
    {
        AssertTagsNest(Page);
        AssertTagsNest(HtmlReport.Render(ExampleReports.Large()));
    }

    [Fact]
    public void BaselineAloneMakesAPage()
    {
        var page = HtmlReport.Render(ComparisonReport.Create(ExampleReports.Metadata() with { Recipe = null }, ExampleReports.Run("dense", 1, 1, 1)));
        AssertTagsNest(page);
        Assert.Contains("nothing to compare", page);
    }

    [Fact]
    public void StudyShowsEveryArchitectureWithItsSeeds()
    {
        var page = HtmlReport.Render(ExampleReports.Study());
        AssertTagsNest(page);
        Assert.DoesNotContain("NaN", page);
        Assert.All((string[])["Dense", "MoT", "MoE-4x", "MoT + text MoE-4x"], name => Assert.Contains($"<th scope=\"row\">{name}</th>", page));
        Assert.Contains(">not reached</td>", page);
        Assert.Contains("(1 of 3)", page); // MoE-4x reaches the text loss with one seed
        Assert.Contains("<dt>seeds</dt><dd>1, 2, 3</dd>", page);
        Assert.Contains(">2.500 ✓</b>", page);
        // two modalities: six loss drawings, and three of step matching for each split
        Assert.Equal(2 * (6 + 6), Regex.Count(page, "<svg class=\"variant "));
        Assert.Equal(2 * 6 * 4, Regex.Count(page, "<path class=\"band s"));
    }

    [Fact]
    public void EveryArchitectureHasAColourOfItsOwn()
    {
        var study = ComparisonStudy.Create(ExampleReports.Metadata(), "dense", [.. Enumerable.Range(0, 8).Select(i => ExampleReports.Run(i == 0 ? "dense" : $"a{i}", 1, 1, 1))], []);
        var page = HtmlReport.Render(study);
        Assert.All(Enumerable.Range(0, 8), i => Assert.True(page.Contains($"<path class=\"line s{i}\"") && Regex.Count(page, $"--c{i}: #") >= 3, $"no colour {i}"));
    }

    [Fact]
    public void RunOfOnePointMakesAPage()
    {
        static ArchitectureRun Short(string name)
        {
            var run = ExampleReports.Run(name, 1, 1, 1);
            return run with { Curves = [.. run.Curves.Select(c => c with { Points = [c.Points[0]] })], Seconds = 0, Steps = 0, Flops = 0, Tokens = 0 };
        }
        var page = HtmlReport.Render(ComparisonReport.Create(ExampleReports.Metadata(), Short("dense"), Short("mot")));
        AssertTagsNest(page);
        Assert.DoesNotContain("NaN", page);
        Assert.Contains("nothing to match", page);
    }

    private static void AssertTagsNest(string page)
    {
        var body = Regex.Replace(page, "<(style|script)>.*?</\\1>", "", RegexOptions.Singleline);
        var open = new Stack<string>();
        foreach (var tag in Tag().Matches(body).Where(m => m.Groups["self"].Length == 0 && m.Groups["name"].Value is not ("meta" or "img" or "input" or "!DOCTYPE")))
        {
            var name = tag.Groups["name"].Value;
            if (!name.StartsWith('/'))
                open.Push(name);
            else
                Assert.Equal(name, "/" + open.Pop());
        }
        Assert.Empty(open);
    }

    [GeneratedRegex("<(?<name>[/!]?[A-Za-z][A-Za-z0-9]*)(?:\\s[^<>]*?)?(?<self>/?)>")]
    private static partial Regex Tag();
}
