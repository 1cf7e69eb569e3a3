using CsCheck;
using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class SpellingTests
{
    private static readonly string[] Commands = ["train", "evaluate", "generate", "quickstart", "doctor"];

    [Theory]
    [InlineData("trian", "train")]
    [InlineData("generat", "generate")]
    [InlineData("quick", "quickstart")]
    [InlineData("EVALUATE", "evaluate")]
    [InlineData("dog", null)]
    [InlineData("", null)]
    [InlineData("t", null)]
    public void TheNearestWordIsGuessedAndNothingFar(string word, string? guess) => Assert.Equal(guess, Spelling.Nearest(word, Commands));

    [Fact]
    public void EditsAreSymmetricAndZeroForTheSameWord() => Gen.Select(Gen.String[0, 12], Gen.String[0, 12]).Sample((a, b) =>
        Spelling.Edits(a, b) == Spelling.Edits(b, a) && Spelling.Edits(a, a) == 0 && Spelling.Edits(a, b) <= Math.Max(a.Length, b.Length), iter: 200, seed: "0000000000000");
}
