using SkiaSharp;

namespace MixtureOfTransformers.Data.Scenes;

/// <summary>Draws scenes with antialiasing. Reuses one surface; not for several threads at once.</summary>
public sealed class ScenePainter : IDisposable
{
    private const int StripeCount = 8;

    private readonly PixelSize _size;
    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly SKPaint _paint = new() { IsAntialias = true };
    private readonly ShapePaths _paths = new();

    /// <summary>A painter of pictures of one size.</summary>
    /// <param name="size">Where it is no square, the objects are inside the square in the middle.</param>
    public ScenePainter(PixelSize size)
    {
        _size = size;
        _bitmap = new SKBitmap(new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        _canvas = new SKCanvas(_bitmap);
    }

    /// <summary>Draws <paramref name="scene"/>.</summary>
    /// <returns>An RGB image of the painter's size.</returns>
    public PixelImage Paint(Scene scene)
    {
        _canvas.ResetMatrix();
        _canvas.Scale(_size.Width, _size.Height);
        PaintBackground(scene.Background);
        var side = Math.Min(_size.Width, _size.Height);
        _canvas.ResetMatrix();
        _canvas.Translate((_size.Width - side) / 2f, (_size.Height - side) / 2f);
        _canvas.Scale(side);
        for (var i = scene.Objects.Length - 1; i >= 0; i--)
            PaintObject(scene.Objects[i]);

        var rgba = _bitmap.GetPixelSpan();
        var rgb = new byte[_size.Width * _size.Height * 3];
        for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            (rgb[to], rgb[to + 1], rgb[to + 2]) = (rgba[from], rgba[from + 1], rgba[from + 2]);
        return new(_size.Width, _size.Height, 3, rgb);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _paths.Dispose();
        _paint.Dispose();
        _canvas.Dispose();
        _bitmap.Dispose();
    }

    private void PaintBackground(SceneBackground background)
    {
        var (first, second) = (Skia(background.First), Skia(background.Second));
        _canvas.Clear(first);
        if (background.Pattern is ScenePattern.FadeDown or ScenePattern.FadeRight)
        {
            var end = background.Pattern == ScenePattern.FadeDown ? new SKPoint(0, 1) : new SKPoint(1, 0);
            using var shader = SKShader.CreateLinearGradient(new SKPoint(0, 0), end, [first, second], SKShaderTileMode.Clamp);
            _paint.Shader = shader;
            _canvas.DrawRect(0, 0, 1, 1, _paint);
            _paint.Shader = null;
        }
        else if (background.Pattern is ScenePattern.HorizontalStripes or ScenePattern.VerticalStripes)
        {
            _paint.Color = second;
            const float width = 1f / StripeCount;
            for (var at = width; at < 1; at += 2 * width)
            {
                if (background.Pattern == ScenePattern.HorizontalStripes)
                    _canvas.DrawRect(0, at, 1, width, _paint);
                else
                    _canvas.DrawRect(at, 0, width, 1, _paint);
            }
        }
    }

    private void PaintObject(SceneObject item)
    {
        _paint.Color = Skia(item.Color);
        _canvas.Save();
        _canvas.Translate(item.X, item.Y);
        _canvas.RotateDegrees(item.Degrees);
        _canvas.Scale(item.Radius);
        _canvas.DrawPath(_paths[item.Shape], _paint);
        _canvas.Restore();
    }

    private static SKColor Skia(SceneColor color) => new(color.Value.Red, color.Value.Green, color.Value.Blue);
}
