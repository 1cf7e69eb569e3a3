using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tests.Tokenizers.Speech;

public sealed class RunLengthCodeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public void ExpandingGivesBackWhatWasShortened(int longestRun)
    {
        var (code, random) = (new RunLengthCode(4, longestRun), new Random(1));
        for (var i = 0; i < 100; i++)
        {
            int[] plain = [.. Enumerable.Range(0, 8).SelectMany(_ => Enumerable.Repeat(random.Next(4), random.Next(12)))];
            int[] shortened = [.. code.Shorten(plain)];
            Assert.Equal(plain, code.Expand(shortened));
            Assert.True(shortened.Length <= plain.Length && shortened.All(c => c < code.Count));
        }
    }

    [Fact]
    public void RunsAreACodeAndADuration()
    {
        var code = new RunLengthCode(10, 4);
        Assert.Equal([7, 3, 12, 3, 11, 7], code.Shorten([7, 3, 3, 3, 3, 3, 3, 3, 7]));
        Assert.Equal(13, code.Count);
        Assert.Equal([5, 5], code.Expand([11, 12, 5, 10, 11])); // durations where no model should put them
    }
}
