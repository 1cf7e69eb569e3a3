namespace MixtureOfTransformers.Data.Scenes;

/// <summary>Captions of scenes whose objects all look the same: they are counted.</summary>
internal static class SceneCounts
{
    public static string Write(Scene scene, SeededRandom random)
    {
        var (item, count) = (scene.Objects[0], scene.Objects.Length);
        var things = SceneWords.Plural(item, random);
        var counted = random.Pick<string>(count == 2 ? [$"two {things}", $"2 {things}", $"a pair of {things}"] : [$"three {things}", $"3 {things}"]);
        return scene.Arrangement switch
        {
            SceneArrangement.Pyramid => random.Pick<string>([$"{counted} arranged in a triangle", $"{counted}, one above the other two"]),
            SceneArrangement.Row => random.Pick<string>([$"{counted} side by side", $"{counted} in a row", $"a row of {(count == 2 ? "two" : "three")} {things}"]),
            _ => random.Pick<string>([count == 2 ? $"{counted} one above the other" : $"{counted} on top of each other", $"{counted} in a column", $"a column of {(count == 2 ? "two" : "three")} {things}"]),
        };
    }
}
