namespace MixtureOfTransformers.Data.Scenes;

/// <summary>A named colour of the scenes.</summary>
/// <param name="Name">Its plain name.</param>
/// <param name="Value">Its sRGB value.</param>
/// <param name="Words">The words a caption may use for it; the first is the plain name.</param>
public sealed record SceneColor(string Name, Rgb Value, params IReadOnlyList<string> Words)
{
    /// <summary>Two colours nearer than this are never put on top of each other.</summary>
    public const double MinContrast = 100;

    /// <summary>The colours that objects come in.</summary>
    public static IReadOnlyList<SceneColor> OfObjects { get; } =
    [
        new("red", new(220, 38, 38), "red", "scarlet"),
        new("orange", new(245, 130, 32), "orange"),
        new("yellow", new(250, 210, 30), "yellow", "golden"),
        new("green", new(34, 150, 60), "green", "emerald"),
        new("cyan", new(20, 190, 200), "cyan", "turquoise"),
        new("blue", new(40, 80, 220), "blue", "azure"),
        new("purple", new(130, 50, 170), "purple", "violet"),
        new("pink", new(245, 120, 180), "pink", "rose"),
        new("brown", new(120, 70, 30), "brown"),
        new("black", new(15, 15, 15), "black"),
        new("white", new(250, 250, 250), "white"),
    ];

    /// <summary>The colours that backgrounds come in.</summary>
    public static IReadOnlyList<SceneColor> OfBackgrounds { get; } =
    [
        new("white", new(250, 250, 250), "white"),
        new("black", new(15, 15, 15), "black"),
        new("gray", new(140, 140, 145), "gray", "grey"),
        new("cream", new(250, 235, 200), "cream", "beige"),
        new("sky blue", new(165, 215, 245), "sky blue", "pale blue"),
        new("navy", new(22, 35, 85), "navy", "dark blue"),
        new("mint", new(180, 230, 190), "mint", "pale green"),
    ];

    /// <summary>Whether the two can be told apart when one lies on the other.</summary>
    public bool Contrasts(SceneColor other) => Value.DistanceTo(other.Value) >= MinContrast;
}
