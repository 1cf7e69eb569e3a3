namespace MixtureOfTransformers.Data.Scenes;

/// <summary>Says what a scene shows. Every object is named with its shape and colour, and so is how they relate; sizes, places and backgrounds only sometimes.
/// Word order, synonyms and turns of phrase vary; nothing said is ever false.</summary>
public static class SceneCaption
{
    private static readonly string[] Openings = ["", "", "", "there is ", "a picture of ", "a drawing of ", "an image of ", "the picture shows ", "this image shows ", "we see "];

    /// <summary>One of the many captions of <paramref name="scene"/>.</summary>
    public static string Write(Scene scene, SeededRandom random)
    {
        var main = Main(scene, random);
        var background = random.Chance(0.65) ? SceneWords.Background(scene.Background, random) : null;
        var text = (background, random.Next(4)) switch
        {
            (null, _) => Opened(main, random),
            (_, 0) => $"{background}, {main}",
            (_, 1) => $"{Opened(main, random)}, {background}",
            _ => $"{Opened(main, random)} {background}",
        };
        return random.Chance(0.5) ? $"{char.ToUpperInvariant(text[0])}{text[1..]}." : text;
    }

    /// <summary>Colour and shape of every object, each by one word: "a red circle and a blue star".</summary>
    internal static string WriteShort(Scene scene) => string.Join(" and ", scene.Objects.Select(SceneWords.ShortName));

    private static string Opened(string main, SeededRandom random)
    {
        var opening = random.Pick(Openings);
        var singular = main.StartsWith("a ", StringComparison.Ordinal) || main.StartsWith("an ", StringComparison.Ordinal);
        var plural = main.StartsWith("two ", StringComparison.Ordinal) || main.StartsWith("three ", StringComparison.Ordinal) || char.IsAsciiDigit(main[0]);
        if (!singular && !plural)
            return main;
        return (plural && opening == "there is " ? "there are " : opening) + main;
    }

    private static string Main(Scene scene, SeededRandom random)
    {
        if (scene.IsUniform)
            return SceneCounts.Write(scene, random);
        var names = scene.Objects.Select(o => SceneWords.Name(o, random)).ToArray();
        return scene.Arrangement switch
        {
            SceneArrangement.Single => Single(names[0], scene.Place, random),
            SceneArrangement.Inside => random.Pick<string>(
                [$"{names[0]} inside {names[1]}", $"{names[0]} within {names[1]}", $"{names[1]} with {names[0]} inside it", $"{names[1]} containing {names[0]}", $"{names[0]} in the middle of {names[1]}"]),
            SceneArrangement.Overlapping => random.Pick<string>(
                [$"{names[0]} in front of {names[1]}", $"{names[0]} overlapping {names[1]} behind it", $"{names[0]} partly covering {names[1]}", $"{names[1]} behind {names[0]}", $"{names[1]} partly hidden by {names[0]}"]),
            SceneArrangement.Pyramid => random.Pick<string>(
                [$"{names[0]} at the top, {names[1]} at the bottom left and {names[2]} at the bottom right", $"{names[1]} on the lower left, {names[2]} on the lower right and {names[0]} above them",
                    $"{names[0]} above {names[1]} on the left and {names[2]} on the right", $"{names[1]} next to {names[2]} on its right, and {names[0]} above both"]),
            SceneArrangement.Row => Line(names, random, "left", "right", [("to the left of", "to the right of"), ("left of", "right of")], "on the {0}"),
            _ => Line(names, random, "top", "bottom", [("above", "below"), ("above", "under"), ("higher than", "beneath")], "at the {0}"),
        };
    }

    private static string Single(string name, int place, SeededRandom random)
    {
        if (random.Chance(0.3))
            return name;
        var where = SceneWords.Place(place, random);
        return random.Chance(0.75) ? $"{name} {where}" : $"{where}, {name}";
    }

    private static string Line(string[] names, SeededRandom random, string start, string end, (string Forward, string Backward)[] relations, string at)
    {
        var atStart = string.Format(null, at, start);
        var atEnd = string.Format(null, at, end);
        if (names.Length == 2)
        {
            var (forward, backward) = random.Pick(relations);
            return random.Pick<string>(
                [$"{names[0]} {forward} {names[1]}", $"{names[1]} {backward} {names[0]}", $"{names[0]} {atStart} and {names[1]} {atEnd}", $"{atEnd}, {names[1]}, and {atStart}, {names[0]}"]);
        }
        return random.Pick<string>(
            [$"{names[0]}, {names[1]} and {names[2]} from {start} to {end}", $"from {start} to {end}, {names[0]}, {names[1]} and {names[2]}", $"from {end} to {start}: {names[2]}, {names[1]}, {names[0]}",
                $"{names[1]} between {names[0]} {atStart} and {names[2]} {atEnd}", $"{names[0]} {atStart}, {names[1]} in the middle and {names[2]} {atEnd}"]);
    }
}
