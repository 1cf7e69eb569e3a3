using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

public sealed class DataMixTests
{
    private static readonly DataRecipe Recipe = new() { Sources = [new SceneRecipe { Count = 1000, MaxObjects = 1 }], ImageSize = 8, ValidationFraction = 0.2 };

    [Fact]
    public void BothOrdersAndLoneImagesAppearAsOftenAsAskedFor()
    {
        var kinds = Read(Recipe with { ImageFirst = 0.3, CaptionDropout = 0.2 }).Where(d => d.Split == DataSplit.Train).CountBy(Kind).ToDictionary();
        var count = (double)kinds.Values.Sum();
        Assert.InRange(kinds["image"] / count, 0.15, 0.25);
        Assert.InRange(kinds["image text"] / count, 0.8 * 0.3 - 0.05, 0.8 * 0.3 + 0.05);
        Assert.InRange(kinds["text image"] / count, 0.8 * 0.7 - 0.05, 0.8 * 0.7 + 0.05);
    }

    [Fact]
    public void ValidationKeepsItsCaptions()
    {
        var kinds = Read(Recipe with { CaptionDropout = 1 }).Where(d => d.Split == DataSplit.Validation).Select(Kind).Distinct();
        Assert.Equal(["image text", "text image"], kinds.Order());
    }

    [Fact]
    public void RepeatUsesTrainingDocumentsThatOftenAndValidationOnce()
    {
        var copies = Read(Recipe with { Sources = [new SceneRecipe { Count = 1000, MaxObjects = 1, Repeat = 2.5 }] }).GroupBy(d => d.Document.Name).ToList();
        Assert.All(copies.Where(g => g.First().Split == DataSplit.Validation), g => Assert.Single(g));
        var train = copies.Where(g => g.First().Split == DataSplit.Train).Select(g => g.Count()).ToList();
        Assert.Equal([2, 3], train.Distinct().Order());
        Assert.InRange(train.Average(), 2.4, 2.6);
    }

    [Fact]
    public void RepeatBelowOneThinsBothSides()
    {
        var (all, half) = (Read(Recipe), Read(Recipe with { Sources = [new SceneRecipe { Count = 1000, MaxObjects = 1, Repeat = 0.5 }] }));
        foreach (var split in new[] { DataSplit.Train, DataSplit.Validation })
            Assert.InRange(half.Count(d => d.Split == split) / (double)all.Count(d => d.Split == split), 0.4, 0.6);
    }

    [Fact]
    public void EveryDocumentIsOnTheSideOfItsHashOrOfItsSource()
    {
        var all = Recipe.Sources[0].Open(Recipe).Read(new()).ToList();
        Assert.Equal(all.Select(d => (d.Name, SplitRule.SideOf(d, 0.2))), Read(Recipe).Select(d => (d.Document.Name, d.Split)));

        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("book.txt"), string.Join("\n\n", Enumerable.Range(0, 50).Select(i => $"paragraph number {i}")));
        var book = new TextRecipe { Paths = [folder.File("book.txt")], MaxCharacters = 20, Split = DataSplit.Validation };
        Assert.Equal(Enumerable.Repeat(DataSplit.Validation, 50), Read(Recipe with { Sources = [book] }).Select(d => d.Split));
    }

    [Fact]
    public void CopiesOfADocumentDrawTheirOwnOrder()
    {
        var copies = Read(Recipe with { Sources = [new SceneRecipe { Count = 100, MaxObjects = 1, Repeat = 4 }] }).GroupBy(d => d.Document.Name).Select(g => g.Select(Kind).Distinct().Count());
        Assert.Contains(copies, kinds => kinds > 1);
    }

    [Fact]
    public void SidesDoNotDependOnTheSeedAndAreDisjoint()
    {
        var sides = new[] { 0, 1, 2 }.SelectMany(seed => Read(Recipe with { Seed = seed })).GroupBy(d => d.Document.SplitKey).ToList();
        Assert.Contains(sides, g => g.Count() > 1);
        Assert.All(sides, g => Assert.Single(g.Select(d => d.Split).Distinct()));
    }

    [Fact]
    public void ReadingAgainGivesTheSame() => Assert.Equal(Read(Recipe).Select(Describe), Read(Recipe).Select(Describe));

    private static List<MixedDocument> Read(DataRecipe recipe) => [.. new DataMix(recipe).Read(new())];

    private static string Kind(MixedDocument document) => string.Join(' ', document.Document.Parts.Select(p => p.Modality));

    private static string Describe(MixedDocument document) => $"{document.Split} {document.Document.Name} {Kind(document)} {string.Concat(document.Document.Parts.OfType<TextPart>().Select(t => t.Text))}";
}
