using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

/// <summary>Command lines that make no sense are refused before any work, with code 2 and the option's name.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("generate no-run", "give a --prompt")]
    [InlineData("generate no-run --prompt a", "--out image.png")]
    [InlineData("generate no-run --prompt a --out x.jpg", "--out x.jpg must end in .png")]
    [InlineData("generate no-run --prompt a --out x.png --count 0", "--count 0 must be at least 1")]
    [InlineData("generate no-run --prompt a --out a.png --seconds 2", "--seconds 2 is for what is spoken")]
    [InlineData("generate no-run --prompt a --speak a.wav --seconds 0", "--seconds 0 must be above 0")]
    [InlineData("generate no-run --interleave --prompt a", "say where they go with --out image.png, --speak speech.wav or both")]
    [InlineData("generate no-run --interleave --prompt a --out x.png --count 2", "leave it out with --interleave")]
    [InlineData("generate no-run --image a.png --count 2", "leave it out with --image")]
    [InlineData("generate no-run --image a.png --out x.png", "--out x.png; leave it out")]
    [InlineData("generate no-run --image nowhere.png", "--image nowhere.png does not exist")]
    [InlineData("generate no-run --prompt a --out x.png --temperature -1", "--temperature -1")]
    [InlineData("generate no-run --prompt a --out x.png --greedy --temperature NaN", "--temperature NaN")]
    [InlineData("generate no-run --prompt a --out x.png --top-k -1", "--top-k -1")]
    [InlineData("generate no-run --prompt a --out x.png --top-p 2", "--top-p 2")]
    [InlineData("generate no-run --prompt a --out x.png --guidance -0.5", "--guidance -0.5")]
    [InlineData("tokenizer train-text no-file --out no-folder --vocabulary-size 10", "--vocabulary-size 10")]
    [InlineData("data preview no-recipe --count -1", "--count -1")]
    [InlineData("data preview {recipes}/scenes.json --seed -1", "--seed -1")]
    [InlineData("quickstart --minutes NaN --out no-folder", "--minutes NaN must be above 0 and at most 10000")]
    [InlineData("quickstart --minutes 1e300 --out no-folder", "--minutes 1E+300")]
    [InlineData("quickstart --minutes 0 --out no-folder", "--minutes 0")]
    [InlineData("probe-causality tiny --rows 0", "--rows 0 must be at least 1")]
    [InlineData("probe-causality tiny --data somewhere", "--data goes with a trained run")]
    [InlineData("analyze no-run --tokens 0", "--tokens 0 must be at least 1")]
    [InlineData("bench --minutes 0", "--minutes 0 must be above 0")]
    [InlineData("bench --minutes NaN", "--minutes NaN")]
    [InlineData("bench --rounds 0", "--rounds 0 must be at least 1")]
    [InlineData("bench --presets ,", "--presets ',' names nothing")]
    [InlineData("bench --dtypes fp32,fp16", "--dtypes fp16 must be of fp32, bf16")]
    [InlineData("bench --profile --only decode", "leave out --only")]
    public void AreRefusedByName(string line, string named)
    {
        var run = CliRun.Of([.. line.Split(' ').Select(word => word.Replace("{recipes}", Repository.PathTo("recipes")))]);
        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.Contains(named, run.Error);
    }
}
