using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class DocumentDetokenizerTests
{
    [Fact]
    public void TextAndImagesComeInOrderAndSpecialTokensAreLeftOut()
    {
        var sequences = Detokenizer.Detokenize([[Bos, 7, 8, Boi, 12, 13, 14, 15, 16, Eoi, 9, Pad, 10, Eos], [Boi, 19, 19, 19, 19, 18, Eoi, Boi, 12, 12, 12, 12, 12, Eoi], []]);
        Assert.Equal(["ab|[0 1 2 3 4]|cd", "[7 7 7 7 6]|[0 0 0 0 0]", ""], sequences.Select(Describe));
    }

    [Theory]
    [InlineData(new[] { 7, 12 }, "token id 12 is no text and stands outside an image")]
    [InlineData(new[] { Boi, 12, 13 }, "the image that begins at token 1 is not 5 codes and end-of-image 4")]
    [InlineData(new[] { Boi, 12, 13, 14, 15, 7, Eoi }, "is not 5 codes")]
    [InlineData(new[] { Boi, 12, 13, 14, 15, 16 }, "is not 5 codes and end-of-image 4")]
    public void ABrokenSequenceIsAnError(int[] ids, string message) =>
        Assert.Contains(message, Assert.Throws<MotException>(() => Detokenizer.Detokenize([ids])).Message);

    [Fact]
    public void AnImageWithoutAnImageTokenizerIsAnError() =>
        Assert.Contains("there is no image tokenizer", Assert.Throws<MotException>(() =>
            new DocumentDetokenizer(Vocabulary, _ => "").Detokenize([[Boi, 12, 12, 12, 12, 12, Eoi]])).Message);

    private static string Describe(ImmutableArray<DocumentPart> parts) =>
        string.Join('|', parts.Select(p => p is TextPart text ? text.Text : $"[{string.Join(' ', ((ImagePart)p).Image.Samples)}]"));
}
