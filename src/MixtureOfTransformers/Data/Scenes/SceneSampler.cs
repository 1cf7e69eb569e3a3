using System.Collections.Immutable;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>Draws scenes at random such that everything in them can be seen: nothing leaves the picture, touches by accident or melts into what is behind it.</summary>
internal static class SceneSampler
{
    private static readonly SceneShape[] Shapes = Enum.GetValues<SceneShape>();
    private static readonly SceneShape[] Containers = [SceneShape.Circle, SceneShape.Square, SceneShape.Ring, SceneShape.Diamond];
    private static readonly SceneArrangement[] OfTwo = [SceneArrangement.Row, SceneArrangement.Column, SceneArrangement.Inside, SceneArrangement.Overlapping];
    private static readonly SceneArrangement[] OfThree = [SceneArrangement.Row, SceneArrangement.Column, SceneArrangement.Pyramid];
    private const float Margin = 0.03f;

    public static Scene Sample(SeededRandom random, SceneOptions options)
    {
        var count = 1 + random.Next(options.MaxObjects);
        var arrangement = count switch { 1 => SceneArrangement.Single, 2 => random.Pick(OfTwo), _ => random.Pick(OfThree) };
        var background = Background(random, options.Patterns);
        var place = count == 1 ? random.Next(9) : -1;
        var objects = arrangement switch
        {
            SceneArrangement.Single => [Single(random, background, place, options.SmallestSize)],
            SceneArrangement.Inside => Inside(random, background),
            SceneArrangement.Overlapping => Overlapping(random, background),
            _ => Apart(random, background, Centres(arrangement, count)),
        };
        return new(arrangement, objects, background, place);
    }

    private static SceneBackground Background(SeededRandom random, bool patterns)
    {
        var first = random.Pick(SceneColor.OfBackgrounds);
        if (!patterns || random.Chance(0.6))
            return new(ScenePattern.Plain, first, first);
        var second = PickColor(random, SceneColor.OfBackgrounds, first);
        return new((ScenePattern)(1 + random.Next(4)), first, second);
    }

    private static SceneObject Single(SeededRandom random, SceneBackground background, int place, SceneSize smallest)
    {
        var size = smallest + random.Next(SceneSize.Large - smallest + 1);
        var radius = Radius(random, size);
        return Place(random, random.Pick(Shapes), Visible(random, background), size, radius, Cell(place % 3), Cell(place / 3));

        float Cell(int index) => index switch { 0 => radius + Margin, 1 => 0.5f, _ => 1 - radius - Margin };
    }

    private static ImmutableArray<SceneObject> Inside(SeededRandom random, SceneBackground background)
    {
        var outer = Place(random, random.Pick(Containers), Visible(random, background), SceneSize.Large, random.Between(0.33f, 0.38f), 0.5f, 0.5f);
        var shape = random.Pick([.. Shapes.Where(s => s != SceneShape.Ring)]);
        var inner = Place(random, shape, Visible(random, background, outer.Color), SceneSize.Small, random.Between(0.13f, 0.145f), outer.X, outer.Y);
        return [inner with { X = outer.X, Y = outer.Y }, outer];
    }

    private static ImmutableArray<SceneObject> Overlapping(SeededRandom random, SceneBackground background)
    {
        var (dx, dy) = random.Pick([(-1f, -1f), (1f, -1f), (-1f, 1f), (1f, 1f)]);
        var back = Place(random, random.Pick([.. Containers, SceneShape.Heart]), Visible(random, background), SceneSize.Large, random.Between(0.27f, 0.3f), 0.5f - 0.09f * dx, 0.5f - 0.09f * dy);
        var shape = random.Pick([.. Shapes.Where(s => s != SceneShape.Ring && s != SceneShape.Crescent)]);
        var front = Place(random, shape, Visible(random, background, back.Color), SceneSize.Medium, random.Between(0.175f, 0.185f), 0.5f + 0.12f * dx, 0.5f + 0.12f * dy);
        return [front, back];
    }

    private static ImmutableArray<SceneObject> Apart(SeededRandom random, SceneBackground background, (float X, float Y)[] centres)
    {
        var uniform = random.Chance(0.2);
        var largest = centres.Length == 2 ? SceneSize.Large : SceneSize.Small;
        var objects = ImmutableArray.CreateBuilder<SceneObject>();
        foreach (var (x, y) in centres)
        {
            var size = uniform && objects.Count > 0 ? objects[0].Size : (SceneSize)random.Next((int)largest + 1);
            var shape = uniform && objects.Count > 0 ? objects[0].Shape : random.Pick(Shapes);
            var color = uniform && objects.Count > 0 ? objects[0].Color : Visible(random, background);
            var radius = size == SceneSize.Large ? random.Between(0.205f, 0.215f) : Radius(random, size);
            objects.Add(Place(random, shape, color, size, radius, x, y));
        }
        return objects.ToImmutable();
    }

    private static (float X, float Y)[] Centres(SceneArrangement arrangement, int count) => (arrangement, count) switch
    {
        (SceneArrangement.Row, 2) => [(0.26f, 0.5f), (0.74f, 0.5f)],
        (SceneArrangement.Row, _) => [(0.18f, 0.5f), (0.5f, 0.5f), (0.82f, 0.5f)],
        (SceneArrangement.Column, 2) => [(0.5f, 0.26f), (0.5f, 0.74f)],
        (SceneArrangement.Column, _) => [(0.5f, 0.18f), (0.5f, 0.5f), (0.5f, 0.82f)],
        _ => [(0.5f, 0.26f), (0.24f, 0.72f), (0.76f, 0.72f)],
    };

    private static float Radius(SeededRandom random, SceneSize size) => size switch
    {
        SceneSize.Small => random.Between(0.115f, 0.135f),
        SceneSize.Medium => random.Between(0.165f, 0.185f),
        _ => random.Between(0.235f, 0.275f),
    };

    private static SceneObject Place(SeededRandom random, SceneShape shape, SceneColor color, SceneSize size, float radius, float x, float y)
    {
        return new(shape, color, size, Jitter(x), Jitter(y), radius, random.Between(-8, 8));

        float Jitter(float value) => Math.Clamp(value + random.Between(-0.02f, 0.02f), radius, 1 - radius);
    }

    private static SceneColor Visible(SeededRandom random, SceneBackground background, SceneColor? other = null) =>
        PickColor(random, SceneColor.OfObjects, background.First, background.Second, background.Middle, other ?? background.First);

    private static SceneColor PickColor(SeededRandom random, IReadOnlyList<SceneColor> colors, params ReadOnlySpan<SceneColor> against)
    {
        while (true)
        {
            var color = random.Pick(colors);
            var visible = true;
            foreach (var other in against)
                visible &= color.Contrasts(other);
            if (visible)
                return color;
        }
    }
}
