using SkiaSharp;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>The outline of every shape, centred on the origin with a radius of one; y points down.</summary>
internal sealed class ShapePaths : IDisposable
{
    private readonly SKPath[] _paths = [.. Enum.GetValues<SceneShape>().Select(Create)];

    public SKPath this[SceneShape shape] => _paths[(int)shape];

    public void Dispose()
    {
        foreach (var path in _paths)
            path.Dispose();
    }

    private static SKPath Create(SceneShape shape) => shape switch
    {
        SceneShape.Circle => Circle(0, 1),
        SceneShape.Square => Polygon((-0.82f, -0.82f), (0.82f, -0.82f), (0.82f, 0.82f), (-0.82f, 0.82f)),
        SceneShape.Triangle => Polygon((0, -1), (0.95f, 0.72f), (-0.95f, 0.72f)),
        SceneShape.Star => Polygon([.. Enumerable.Range(0, 10).Select(i => Polar(i % 2 == 0 ? 1.05f : 0.46f, i * MathF.PI / 5))]),
        SceneShape.Ring => Without(Circle(0, 1), Circle(0, 0.58f)),
        SceneShape.Cross => Polygon((-0.3f, -0.95f), (0.3f, -0.95f), (0.3f, -0.3f), (0.95f, -0.3f), (0.95f, 0.3f), (0.3f, 0.3f),
            (0.3f, 0.95f), (-0.3f, 0.95f), (-0.3f, 0.3f), (-0.95f, 0.3f), (-0.95f, -0.3f), (-0.3f, -0.3f)),
        SceneShape.Diamond => Polygon((0, -1.05f), (0.8f, 0), (0, 1.05f), (-0.8f, 0)),
        SceneShape.Heart => Heart(),
        _ => Without(Circle(0, 1), Circle(0.5f, 0.82f)),
    };

    private static (float X, float Y) Polar(float radius, float angle) => (radius * MathF.Sin(angle), -radius * MathF.Cos(angle));

    private static SKPath Circle(float x, float radius)
    {
        var path = new SKPath();
        path.AddCircle(x, 0, radius);
        return path;
    }

    private static SKPath Polygon(params (float X, float Y)[] points)
    {
        var path = new SKPath();
        path.AddPoly([.. points.Select(p => new SKPoint(p.X, p.Y))]);
        return path;
    }

    private static SKPath Heart()
    {
        var path = new SKPath();
        path.MoveTo(0, 0.95f);
        path.CubicTo(-1.5f, -0.1f, -0.9f, -1.35f, 0, -0.45f);
        path.CubicTo(0.9f, -1.35f, 1.5f, -0.1f, 0, 0.95f);
        path.Close();
        return path;
    }

    private static SKPath Without(SKPath outer, SKPath hole)
    {
        using (outer)
        using (hole)
            return outer.Op(hole, SKPathOp.Difference);
    }
}
