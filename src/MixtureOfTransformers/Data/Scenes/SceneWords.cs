namespace MixtureOfTransformers.Data.Scenes;

/// <summary>The words of captions: nouns, adjectives, places.</summary>
internal static class SceneWords
{
    private static readonly string[][] Places =
    [
        ["in the top left corner", "at the top left", "in the upper left"],
        ["at the top", "at the top in the middle", "in the upper middle"],
        ["in the top right corner", "at the top right", "in the upper right"],
        ["on the left", "at the left edge", "on the left side"],
        ["in the center", "in the middle", "in the centre"],
        ["on the right", "at the right edge", "on the right side"],
        ["in the bottom left corner", "at the bottom left", "in the lower left"],
        ["at the bottom", "at the bottom in the middle", "in the lower middle"],
        ["in the bottom right corner", "at the bottom right", "in the lower right"],
    ];

    public static IReadOnlyList<string> Of(SceneShape shape) => shape switch
    {
        SceneShape.Circle => ["circle", "disc"],
        SceneShape.Square => ["square", "box"],
        SceneShape.Triangle => ["triangle"],
        SceneShape.Star => ["star", "five-pointed star"],
        SceneShape.Ring => ["ring", "hoop"],
        SceneShape.Cross => ["cross", "plus sign"],
        SceneShape.Diamond => ["diamond", "rhombus"],
        SceneShape.Heart => ["heart"],
        _ => ["crescent", "crescent moon"],
    };

    public static IReadOnlyList<string> Of(SceneSize size) => size switch
    {
        SceneSize.Small => ["small", "little", "tiny"],
        SceneSize.Medium => ["medium", "medium-sized"],
        _ => ["large", "big", "huge"],
    };

    public static string Place(int place, SeededRandom random) => random.Pick(Places[place]);

    /// <summary>For instance "a big scarlet star" or "a star that is red".</summary>
    public static string Name(SceneObject item, SeededRandom random)
    {
        var (size, color, shape) = (OptionalSize(item, random), random.Pick(item.Color.Words), random.Pick(Of(item.Shape)));
        return random.Next(8) switch
        {
            0 => $"{WithArticle(size + shape)} that is {color}",
            1 => $"{WithArticle(size + shape)} in {color}",
            _ => WithArticle($"{size}{color} {shape}"),
        };
    }

    /// <summary>For instance "a red star", always in the same words.</summary>
    public static string ShortName(SceneObject item) => WithArticle($"{item.Color.Words[0]} {Of(item.Shape)[0]}");

    /// <summary>For instance "big red stars".</summary>
    public static string Plural(SceneObject item, SeededRandom random)
    {
        var shape = random.Pick(Of(item.Shape));
        var plural = shape switch { "rhombus" => "rhombuses", _ when shape.EndsWith('s') || shape.EndsWith('x') => shape + "es", _ => shape + "s" };
        return $"{OptionalSize(item, random)}{random.Pick(item.Color.Words)} {plural}";
    }

    public static string Background(SceneBackground background, SeededRandom random)
    {
        var (first, second) = (random.Pick(background.First.Words), random.Pick(background.Second.Words));
        return background.Pattern switch
        {
            ScenePattern.Plain => random.Pick<string>([$"on {WithArticle(first)} background", $"on {first}", $"against {WithArticle($"plain {first}")} backdrop", $"with {WithArticle(first)} background"]),
            ScenePattern.FadeDown => random.Pick<string>([$"on a background fading from {first} at the top to {second} at the bottom", $"on a vertical gradient from {first} down to {second}", $"on {first} turning {second} towards the bottom"]),
            ScenePattern.FadeRight => random.Pick<string>([$"on a background fading from {first} on the left to {second} on the right", $"on a horizontal gradient from {first} to {second}", $"on {first} turning {second} towards the right"]),
            ScenePattern.HorizontalStripes => random.Pick<string>([$"on horizontal stripes of {first} and {second}", $"on a background with level {first} and {second} stripes", $"over {second} and {first} horizontal stripes"]),
            _ => random.Pick<string>([$"on vertical stripes of {first} and {second}", $"on a background with upright {first} and {second} stripes", $"over {second} and {first} vertical stripes"]),
        };
    }

    private static string OptionalSize(SceneObject item, SeededRandom random) => random.Chance(0.6) ? random.Pick(Of(item.Size)) + " " : "";

    private static string WithArticle(string words) => ("aeiou".Contains(words[0]) ? "an " : "a ") + words;
}
