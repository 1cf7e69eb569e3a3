using MixtureOfTransformers.Evaluation.Speech;

namespace MixtureOfTransformers.Tests.Evaluation.Speech;

public sealed class WordErrorsTests
{
    [Theory]
    [InlineData("seven", "Seven ", 0)]
    [InlineData("seven", "", 1)]
    [InlineData("seven", "seven seven", 1)]
    [InlineData("the cat sat", "a cat sat down", 2)]
    [InlineData("a b c d", "b c d e", 2)]
    public void ErrorsAreTheFewestChanges(string said, string written, int errors) => Assert.Equal(errors, WordErrors.Count(said, written));
}
