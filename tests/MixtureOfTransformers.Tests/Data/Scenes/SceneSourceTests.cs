using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Scenes;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data.Scenes;

public sealed class SceneSourceTests
{
    [Fact]
    public void SameSeedGivesTheSameDocuments()
    {
        var first = Read(new() { Count = 50, Seed = 4 });
        var second = Read(new() { Count = 50, Seed = 4 });
        Assert.Equal(first.Select(Caption), second.Select(Caption));
        Assert.All(first.Zip(second), pair => Assert.Equal(Pixels(pair.First), Pixels(pair.Second)));
    }

    [Fact]
    public void SceneDependsOnItsIndexAloneNotOnTheCount() =>
        Assert.Equal(Read(new() { Count = 5 }).Select(Caption), Read(new() { Count = 20 }).Take(5).Select(Caption));

    [Fact]
    public void OtherSeedGivesOtherScenes() =>
        Assert.NotEqual(Read(new() { Count = 20, Seed = 1 }).Select(Caption), Read(new() { Count = 20, Seed = 2 }).Select(Caption));

    [Fact]
    public void NoSceneDescriptionIsOnBothSides()
    {
        var documents = Read(new() { Count = 3000, MaxObjects = 1, ImageSizes = [new(8)] });
        var sides = documents.GroupBy(d => d.SplitKey).Select(g => (Copies: g.Count(), Sides: g.Select(d => SplitRule.SideOf(d, 0.2)).Distinct().Count())).ToList();
        Assert.Contains(sides, s => s.Copies > 1);
        Assert.All(sides, s => Assert.Equal(1, s.Sides));
        Assert.InRange(documents.Count(d => SplitRule.SideOf(d, 0.2) == DataSplit.Validation), 450, 750);
    }

    [Fact]
    public void EveryShapeColorArrangementAndPatternAppears()
    {
        var source = new SceneSource(new() { Count = 1, MaxObjects = 3 });
        var scenes = Enumerable.Range(0, 1000).Select(i => source.SceneAt(i)).ToList();
        Assert.Equal(Enum.GetValues<SceneShape>().Length, scenes.SelectMany(s => s.Objects).Select(o => o.Shape).Distinct().Count());
        Assert.Equal(SceneColor.OfObjects.Count, scenes.SelectMany(s => s.Objects).Select(o => o.Color).Distinct().Count());
        Assert.Equal(Enum.GetValues<SceneArrangement>().Length, scenes.Select(s => s.Arrangement).Distinct().Count());
        Assert.Equal(Enum.GetValues<ScenePattern>().Length, scenes.Select(s => s.Background.Pattern).Distinct().Count());
        Assert.Contains(scenes, s => s.IsUniform);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void NumberOfObjectsIsBounded(int maxObjects)
    {
        var source = new SceneSource(new() { MaxObjects = maxObjects });
        Assert.Equal(Enumerable.Range(1, maxObjects), Enumerable.Range(0, 200).Select(i => source.SceneAt(i).Objects.Length).Distinct().Order());
    }

    [Fact]
    public void PatternsAndSmallObjectsCanBeLeftOut()
    {
        var source = new SceneSource(new() { MaxObjects = 1, Patterns = false, SmallestSize = SceneSize.Medium });
        var scenes = Enumerable.Range(0, 200).Select(i => source.SceneAt(i)).ToList();
        Assert.All(scenes, s => Assert.Equal(ScenePattern.Plain, s.Background.Pattern));
        Assert.Equal([SceneSize.Medium, SceneSize.Large], scenes.Select(s => s.Objects.Single().Size).Distinct().Order());
    }

    [Fact]
    public void SizeOfThePictureIsTheOneAskedFor()
    {
        var image = ((ImagePart)Read(new() { Count = 1, ImageSizes = [new(48)] })[0].Parts[1]).Image;
        Assert.Equal((48, 48, 3), (image.Width, image.Height, image.Channels));
    }

    [Fact]
    public void SizesMeanTheSameInEveryArrangement()
    {
        var source = new SceneSource(new() { MaxObjects = 3 });
        var radii = Enumerable.Range(0, 2000).SelectMany(i => source.SceneAt(i).Objects).ToLookup(o => o.Size, o => o.Radius);
        Assert.True(radii[SceneSize.Small].Max() < radii[SceneSize.Medium].Min());
        Assert.True(radii[SceneSize.Medium].Max() < radii[SceneSize.Large].Min());
    }

    [Theory]
    [InlineData(0, 32, 2)]
    [InlineData(1, 4, 2)]
    [InlineData(1, 32, 4)]
    public void OptionsOutOfRangeAreRefused(int count, int imageSize, int maxObjects) =>
        Assert.Throws<ConfigException>(() => new SceneSource(new() { Count = count, ImageSizes = [new(imageSize)], MaxObjects = maxObjects }));

    private static List<Document> Read(SceneOptions options) => [.. new SceneSource(options).Read(new())];

    private static string Caption(Document document) => ((TextPart)document.Parts[0]).Text;

    private static byte[] Pixels(Document document) => ((ImagePart)document.Parts[1]).Image.Samples;
}
