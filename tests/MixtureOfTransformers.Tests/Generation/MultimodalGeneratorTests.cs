using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class MultimodalGeneratorTests : IDisposable
{
    private static readonly SamplingOptions Sampling = new() { Seed = 5, ImageGuidance = 2 };

    private readonly MotModel _model = Model(Config, 20, ScalarType.Float32);

    [Fact]
    public void ImagesAreDrawnFromThePromptsLaidOutAsInTraining()
    {
        var images = Generator().GenerateImages(["ab", "", "edcb"], Sampling);
        int[][] prompts = [[Bos, 7, 8, Boi], [Bos, Boi], [Bos, 11, 10, 9, 8, Boi]];
        Assert.Equal(prompts.Select((p, i) => Expected(p, i, maxTokens: Codes + 1)[..Codes].Select(id => (byte)(id - FirstCode))), images.Select(i => i.Samples));
    }

    [Fact]
    public void CaptionsAreTextUntilTheEndOrTheLimit()
    {
        var images = new[] { Image(1, 2, 3, 4, 5), Image(7, 7, 0, 0, 1) };
        var captions = Generator().CaptionImages(images, Sampling, maxTokens: 9);
        Assert.Equal(images.Select((image, i) => Text(Expected([Bos, Boi, .. image.Samples.Select(s => s + FirstCode), Eoi], i, 9, textAlone: true))), captions);
    }

    [Fact]
    public void ADocumentIsContinuedWithTextAndImages()
    {
        var documents = Enumerable.Range(0, 12).Select(_ => new Document("test", [new TextPart("a"), new ImagePart(Image(1, 2, 3, 4, 5)), new TextPart("bc")])).ToList();
        var continued = Generator().Continue(documents, Sampling, maxTokens: 30);
        for (var i = 0; i < documents.Count; i++)
            Assert.Equal(Expected([Bos, 7, Boi, 13, 14, 15, 16, 17, Eoi, 8, 9], i, 30), continued[i].Sequence.Tokens);
        Assert.Contains(continued, c => c.Parts.OfType<ImagePart>().Any() && c.Parts.OfType<TextPart>().Any());
        Assert.Contains(continued, c => c.Sequence.End == EndReason.EndOfSequence);
    }

    [Fact]
    public void TheBatchSizeChangesNothingAndTokensAreReportedByDocument()
    {
        var documents = "abcde".Select(c => new Document("test", [new TextPart($"{c}")])).ToList();
        var streamed = documents.ConvertAll(_ => new List<int>());
        var two = Generator(2).Continue(documents, Sampling, 12, onToken: (document, token) => streamed[document].Add(token));
        Assert.Equal(Generator(16).Continue(documents, Sampling, 12).Select(c => c.Sequence.Tokens), two.Select(c => c.Sequence.Tokens));
        Assert.Equal(two.Select(c => c.Sequence.Tokens.ToList()), streamed);
    }

    [Fact]
    public void AnyOneOfAListCanBeMadeAgainAlone()
    {
        var all = Generator().GenerateImages(["ab", "ab", "ab"], Sampling);
        Assert.Equal(all[2].Samples, Generator().GenerateImages(["ab"], Sampling with { Seed = 7 })[0].Samples);
        Assert.NotEqual(all[0].Samples, all[1].Samples);
    }

    [Fact]
    public void APromptThatLeavesNoRoomForTheImageIsAnError()
    {
        var prompt = new string('a', 57); // with BOS and BOI 59 of 64
        Assert.Contains("max_tokens 6 exceed max_sequence_length 64", Assert.Throws<MotException>(() => Generator().GenerateImages([prompt], Sampling)).Message);
        Assert.Single(Generator().GenerateImages([prompt[1..]], Sampling));
    }

    public void Dispose() => _model.Dispose();

    private static PixelImage Image(params byte[] codes) => new(codes.Length, 1, 1, codes);

    private MultimodalGenerator Generator(int rows = 16) => new(_model, Tokenizer, Detokenizer) { BatchRows = rows };

    private int[] Expected(int[] prompt, int index, int maxTokens, bool textAlone = false) => NaiveDecoder.Decode(_model, new()
    {
        Prompt = [.. prompt],
        Sampling = Sampling with { Seed = Sampling.Seed + index },
        MaxTokens = maxTokens,
        MinTokens = textAlone ? 1 : 0,
        StopAtBeginOfBlock = textAlone,
    });
}
