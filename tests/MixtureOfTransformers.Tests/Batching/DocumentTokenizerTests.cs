using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class DocumentTokenizerTests
{
    private static readonly ImagePart Image = new(new PixelImage(2, 1, 1, [7, 8]));

    [Fact]
    public void LaysOutBosPartsEosWithImagesBetweenTheirMarkers()
    {
        var sequence = Fake().Tokenize([new("d", [new TextPart("ab"), Image, new TextPart("c")])])[0];
        Assert.Equal([TestTokens.Bos, 'a', 'b', TestTokens.Boi, 1007, 1008, TestTokens.Eoi, 'c', TestTokens.Eos], sequence.Ids);
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0, 0], sequence.Modalities);
    }

    [Fact]
    public void AllImagesAreEncodedInOneCallAndGoToTheirDocuments()
    {
        var calls = new List<int>();
        var tokenizer = new DocumentTokenizer(TestTokens.Vocabulary, "fake", Text, images =>
        {
            calls.Add(images.Count);
            return [.. images.Select(i => i.Samples.Select(s => (int)s).ToArray())];
        });
        var documents = Enumerable.Range(0, 5).Select(i => new Document($"{i}", [new ImagePart(new PixelImage(1, 1, 1, [(byte)i])), Image])).ToList();
        var sequences = tokenizer.Tokenize(documents);
        Assert.Equal([10], calls);
        Assert.Equal(Enumerable.Range(1000, 5), sequences.Select(s => s.Ids[2]));
    }

    [Fact]
    public void SpeechIsAsLongAsItLastsBetweenItsMarkers()
    {
        var ranges = TestTokens.Vocabulary.Ranges;
        var end = ranges[^1].Offset + ranges[^1].Count;
        var vocabulary = TestTokens.Vocabulary with { Ranges = ranges.Add(new() { Modality = ModalityId.Speech, Offset = end, Count = 4, BeginId = 'B', EndId = 'E' }) };
        var tokenizer = new DocumentTokenizer(vocabulary, "fake", Text, encodeSpeech: clip => [.. clip.Samples.Select(s => (int)s)]);
        DocumentPart[] parts = [new SpeechPart(new([3, 1, 2], 8000)), new TextPart("a"), new SpeechPart(new([0], 8000))];
        var sequence = tokenizer.Tokenize([new("d", [.. parts])])[0];
        Assert.Equal([TestTokens.Bos, 'B', end + 3, end + 1, end + 2, 'E', 'a', 'B', end, 'E', TestTokens.Eos], sequence.Ids);
        Assert.Equal([0, 0, 2, 2, 2, 0, 0, 0, 2, 0, 0], sequence.Modalities);
        Assert.Contains("no speech tokenizer", Error(new(vocabulary, "fake", Text), parts[0]));
        Assert.Contains("speech token 9", Error(tokenizer, new SpeechPart(new([9], 8000))));
    }

    [Fact]
    public void OverriddenLabelIsFollowed()
    {
        var vocabulary = TestTokens.Vocabulary with { Overrides = TestTokens.Vocabulary.Overrides.Add(TestTokens.Boi, ModalityId.Image) };
        var sequence = Fake(vocabulary).Tokenize([new("d", [Image])])[0];
        Assert.Equal([0, 1, 1, 1, 0, 0], sequence.Modalities);
    }

    [Fact]
    public void WrongTokenizersAreNamed()
    {
        var vocabulary = TestTokens.Vocabulary;
        Assert.Contains("no image tokenizer", Error(new(vocabulary, "fake", Text), Image));
        Assert.Contains("text token 1000", Error(new(vocabulary, "fake", _ => [1000]), new TextPart("a")));
        Assert.Contains("image token 1000", Error(new(vocabulary, "fake", Text, images => [[1000]]), Image));
        Assert.Contains("0 of 1 images", Error(new(vocabulary, "fake", Text, images => []), Image));
        Assert.Contains("the vocabulary says 3", Error(new(vocabulary with { Ranges = [vocabulary.Ranges[0], vocabulary.Ranges[1] with { BlockLength = 3 }] }, "fake", Text, images => [[1, 2]]), Image));
    }

    internal static DocumentTokenizer Fake(Vocabulary? vocabulary = null, string fingerprint = "fake") =>
        new(vocabulary ?? TestTokens.Vocabulary, fingerprint, Text, images => [.. images.Select(i => i.Samples.Select(s => (int)s).ToArray())]);

    private static int[] Text(string text) => [.. text.Select(c => (int)c)];

    private static string Error(DocumentTokenizer tokenizer, DocumentPart part) => Assert.Throws<MotException>(() => tokenizer.Tokenize([new("d", [part])])).Message;
}
