using System.Text.RegularExpressions;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Scenes;

namespace MixtureOfTransformers.Tests.Data.Scenes;

public sealed class SceneCaptionTests
{
    private static readonly SceneSource Source = new(new() { MaxObjects = 3 });

    private static readonly (Scene Scene, string Caption)[] Samples =
        [.. Enumerable.Range(0, 3000).Select(i => (Source.SceneAt(i), Source.CaptionAt(i).TrimEnd('.').ToLowerInvariant()))];

    [Fact]
    public void EveryObjectIsNamedWithShapeAndColor() => Assert.All(Samples, sample => Assert.All(sample.Scene.Objects, o =>
    {
        Assert.Contains(SceneWords.Of(o.Shape), word => sample.Caption.Contains(word, StringComparison.Ordinal));
        Assert.Contains(o.Color.Words, word => sample.Caption.Contains(word, StringComparison.Ordinal));
    }));

    [Fact]
    public void SizesAreNeverWrong() => Assert.All(Samples, sample => Assert.All(Enum.GetValues<SceneSize>(), size =>
    {
        if (SceneWords.Of(size).Any(word => Regex.IsMatch(sample.Caption, $@"\b{word}\b")))
            Assert.Contains(sample.Scene.Objects, o => o.Size == size);
    }));

    [Fact]
    public void RelationsAreNeverTheWrongWayRound()
    {
        (SceneArrangement Arrangement, string Words, bool FirstObjectFirst)[] rules =
        [
            (SceneArrangement.Row, " left of ", true), (SceneArrangement.Row, " right of ", false),
            (SceneArrangement.Column, " above ", true), (SceneArrangement.Column, " below ", false), (SceneArrangement.Column, " under ", false), (SceneArrangement.Column, " beneath ", false),
            (SceneArrangement.Inside, " inside (?!it)", true), (SceneArrangement.Inside, " containing ", false),
            (SceneArrangement.Overlapping, " in front of ", true), (SceneArrangement.Overlapping, " behind (?!it)", false), (SceneArrangement.Overlapping, " covering ", true),
        ];
        var tried = new HashSet<string>();
        foreach (var (scene, caption) in Samples.Where(s => s.Scene.Objects.Length == 2 && s.Scene.Objects[0].Shape != s.Scene.Objects[1].Shape))
        {
            foreach (var (arrangement, words, firstObjectFirst) in rules.Where(r => Regex.IsMatch(caption, r.Words)))
            {
                if (caption.Contains("overlapping", StringComparison.Ordinal))
                    continue;
                Assert.Equal(arrangement, scene.Arrangement);
                var before = Regex.Split(caption, words)[0];
                Assert.Contains(SceneWords.Of(scene.Objects[firstObjectFirst ? 0 : 1].Shape), word => before.Contains(word, StringComparison.Ordinal));
                tried.Add(words);
            }
        }
        Assert.Equal(rules.Length, tried.Count);
    }

    [Fact]
    public void PlacesAreNeverWrong()
    {
        foreach (var (scene, caption) in Samples.Where(s => s.Scene.Arrangement == SceneArrangement.Single))
        {
            var main = Regex.Replace(caption, "from .* to .*|turning .*", "");
            if (main.Contains("left", StringComparison.Ordinal))
                Assert.Equal(0, scene.Place % 3);
            if (main.Contains("right", StringComparison.Ordinal) && !main.Contains("upright", StringComparison.Ordinal))
                Assert.Equal(2, scene.Place % 3);
        }
    }

    [Fact]
    public void SameSceneHasManyCaptions()
    {
        var scene = Samples.First(s => s.Scene.Arrangement == SceneArrangement.Row && !s.Scene.IsUniform).Scene;
        Assert.True(Enumerable.Range(0, 200).Select(i => SceneCaption.Write(scene, new SeededRandom(i))).Distinct().Count() > 150);
    }

    [Fact]
    public void CaptionsAreReadableSentences() => Assert.All(Samples, sample =>
    {
        Assert.DoesNotMatch(@"  |^ | $|\ban? an?\b|\ba [aeiou]|\ban [^aeiou]|there is (two|three|\d)|(of|shows|see|is) (on|from|in|at) ", sample.Caption);
        Assert.InRange(sample.Caption.Length, 8, 260);
    });
}
