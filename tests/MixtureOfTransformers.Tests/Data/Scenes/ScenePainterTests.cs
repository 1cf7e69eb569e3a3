using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Scenes;

namespace MixtureOfTransformers.Tests.Data.Scenes;

public sealed class ScenePainterTests
{
    [Fact]
    public void EveryObjectAndTheBackgroundCanBeSeen()
    {
        var source = new SceneSource(new() { MaxObjects = 3 });
        using var painter = new ScenePainter(new(64));
        for (var i = 0; i < 300; i++)
        {
            var scene = source.SceneAt(i);
            var image = painter.Paint(scene);
            Assert.All(scene.Objects, o => Assert.True(Count(image, o.Color) >= 50, $"scene {i} hides its {o.Description}: {scene.Description}"));
            if (scene.Background.Pattern == ScenePattern.Plain)
                Assert.True(Count(image, scene.Background.First) > 64 * 64 / 4);
        }
    }

    [Fact]
    public void SmallPicturesAreAntialiased()
    {
        var red = SceneColor.OfObjects[0];
        var white = SceneColor.OfBackgrounds[0];
        using var painter = new ScenePainter(new(32));
        var image = painter.Paint(new(SceneArrangement.Single, [new(SceneShape.Circle, red, SceneSize.Large, 0.5f, 0.5f, 0.3f, 0)], new(ScenePattern.Plain, white, white), 4));
        var between = 32 * 32 - Count(image, red) - Count(image, white);
        Assert.InRange(between, 20, 100);
        Assert.InRange(Count(image, red), 230, 290);
    }

    [Fact]
    public void PaintingLeavesNothingBehind()
    {
        var source = new SceneSource(new() { MaxObjects = 3 });
        using var used = new ScenePainter(new(32));
        for (var i = 0; i < 30; i++)
        {
            using var fresh = new ScenePainter(new(32));
            Assert.Equal(fresh.Paint(source.SceneAt(i)).Samples, used.Paint(source.SceneAt(i)).Samples);
        }
    }

    private static int Count(PixelImage image, SceneColor color) =>
        Enumerable.Range(0, image.Width * image.Height).Count(i => new Rgb(image.Samples[3 * i], image.Samples[3 * i + 1], image.Samples[3 * i + 2]) == color.Value);
}
