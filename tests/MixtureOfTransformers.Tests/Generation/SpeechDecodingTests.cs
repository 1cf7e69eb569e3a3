using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using static MixtureOfTransformers.Tests.Generation.TestDecoding;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

public sealed class SpeechDecodingTests : IDisposable
{
    private const int Begin = 5, End = 6, FirstUnit = 20, Units = 3;

    private readonly MotModel _model = Model(Config, 20, ScalarType.Float32);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void SpeechIsUnitsUntilItsEnd()
    {
        var sequences = Decode([.. Enumerable.Range(0, 20).Select(i => Request([Bos, 7, Begin], seed: i, maxTokens: 9) with { StopAtEndOfBlock = true })]);
        Assert.All(sequences, s => Assert.True(s.Tokens.Length >= 2 && s.Tokens[^1] == End && s.Tokens[..^1].All(IsUnit), string.Join(' ', s.Tokens)));
        Assert.Contains(sequences, s => s.End == EndReason.EndOfBlock && s.Tokens.Length < 9);
        Assert.Contains(sequences, s => s.Tokens.Length == 9); // ended for want of room
    }

    [Fact]
    public void SpeechBeginsOnlyAsOftenAsAllowedAndAlwaysEnds()
    {
        DecodingRequest[] requests = [.. Enumerable.Range(0, 30).Select(i => Request([Bos, 7], seed: i, maxTokens: 20, maxImages: 0, stop: false) with { MaxSpeech = i % 3 })];
        var sequences = Decode(requests);
        for (var i = 0; i < requests.Length; i++)
        {
            var state = new InterleavedState(Vocabulary);
            foreach (var token in sequences[i].Tokens)
                state.Accept(token);
            Assert.Null(state.Inside);
            Assert.InRange(sequences[i].Tokens.Count(t => t == Begin), 0, i % 3);
        }
        Assert.Contains(sequences, s => s.Tokens.Contains(Begin));
    }

    [Fact]
    public void TextThatIsAskedForEndsWhereAnotherBlockWouldBegin()
    {
        DecodingRequest[] requests = [.. Enumerable.Range(0, 40).Select(i => Request([Bos, Begin, 20, End], seed: i, maxTokens: 12) with { MaxSpeech = 9 })];
        DecodingRequest[] limited = [.. requests.Select(r => r with { MaxImages = 0, MaxSpeech = 0, StopAtBeginOfBlock = true })];
        var text = Decode(limited);
        const int ImageFits = 12 - Codes - 2 + 1; // tokens before which one may begin where blocks are generated
        Assert.All(Decode(requests).Zip(text), p => Assert.Equal(p.First.Tokens.TakeWhile(t => t is not (Boi or Begin)).Take(ImageFits), p.Second.Tokens.Take(ImageFits)));
        Assert.All(text, s => Assert.DoesNotContain(s.Tokens, t => t is Boi or Begin));
        Assert.Equal([EndReason.EndOfSequence, EndReason.BeginOfBlock], text.Select(s => s.End).Where(e => e != EndReason.Limit).Distinct().Order());
        Assert.All(Decode([.. limited.Select(r => r with { MinTokens = 3 })]), s => Assert.InRange(s.Tokens.Length, 3, 12));
    }

    [Theory]
    [InlineData(new[] { Bos, 20 }, "belongs inside speech, but no speech is open; put begin-of-speech 5")]
    [InlineData(new[] { Bos, Begin, End }, "after 0 codes; speech is one code or more and then end-of-speech 6")]
    [InlineData(new[] { Bos, Begin, 20, 7 }, "token id 7 stands inside speech")]
    [InlineData(new[] { Bos, Begin, 20, Boi }, "token id 3 stands inside speech")]
    public void BrokenSpeechIsAnError(int[] prompt, string message) =>
        Assert.Contains(message, Assert.Throws<MotException>(() => Decode([Request(prompt)])).Message);

    [Fact]
    public void UnitsBecomeClipsBetweenTheOtherParts()
    {
        var detokenizer = new DocumentDetokenizer(Vocabulary, Text, null, codes => new([.. codes.Select(c => (float)c)], 8000));
        var parts = detokenizer.Detokenize([[Bos, 7, Begin, 21, 22, End, 8, Begin, 20, End, Eos]])[0];
        Assert.Equal(["a", "1 2", "b", "0"], parts.Select(p => p is TextPart text ? text.Text : string.Join(' ', ((SpeechPart)p).Clip.Samples)));
        Assert.Contains("does not end", Assert.Throws<MotException>(() => detokenizer.Detokenize([[Begin, 20, 7]])).Message);
        Assert.Contains("no speech tokenizer", Assert.Throws<MotException>(() => Detokenizer.Detokenize([[Begin, 20, End]])).Message);
    }

    [Fact]
    public void PromptsAreSpokenAndClipsWrittenDown()
    {
        var tokenizer = new DocumentTokenizer(Vocabulary, "test", text => [.. text.Select(c => c - 'a' + FirstText)], null, clip => [.. clip.Samples.Select(s => (int)s)]);
        var generator = new MultimodalGenerator(_model, tokenizer, new(Vocabulary, Text, null, codes => new([.. codes.Select(c => (float)c)], 8000)));
        var sampling = new SamplingOptions { Seed = 3 };
        var clips = generator.GenerateSpeech(["ab", ""], sampling, maxTokens: 12);
        var expected = Decode([Request([Bos, 7, 8, Begin], seed: 3, maxTokens: 12) with { StopAtEndOfBlock = true }])[0];
        Assert.Equal(expected.Tokens[..^1].Select(t => (float)(t - FirstUnit)), clips[0].Samples);
        Assert.All(clips, c => Assert.InRange(c.Samples.Length, 1, 11));
        Assert.Equal(Text(Decode([Request([Bos, Begin, 22, 20, End], seed: 3, maxTokens: 9, maxImages: 0) with { MinTokens = 1, StopAtBeginOfBlock = true }])[0].Tokens), generator.Transcribe([new([2, 0], 8000)], sampling, maxTokens: 9)[0]);
    }

    [Fact]
    public void ImagesFollowSpeechAndSpeechFollowsImages()
    {
        var tokenizer = new DocumentTokenizer(Vocabulary, "test", _ => [], images => [.. images.Select(i => i.Samples.Select(s => (int)s).ToArray())], clip => [.. clip.Samples.Select(s => (int)s)]);
        var generator = new MultimodalGenerator(_model, tokenizer, new(Vocabulary, Text, codes => [.. codes.Select(c => new PixelImage(c.Length, 1, 1, [.. c.Select(i => (byte)i)]))], codes => new([.. codes.Select(c => (float)c)], 8000)));
        var sampling = new SamplingOptions { Seed = 3 };
        var drawn = generator.DrawAfter([new("clip", [new SpeechPart(new([2, 0], 8000))])], sampling).Single();
        Assert.Equal(Decode([Request([Bos, Begin, 22, 20, End, Boi], seed: 3, maxTokens: Codes + 1)])[0].Tokens[..Codes].Select(t => (byte)(t - FirstCode)), drawn.Samples);
        var said = generator.SpeakAfter([new("image", [new ImagePart(new(5, 1, 1, [1, 2, 3, 4, 5]))])], sampling, maxTokens: 9).Single();
        var expected = Decode([Request([Bos, Boi, 13, 14, 15, 16, 17, Eoi, Begin], seed: 3, maxTokens: 9, maxImages: 0) with { StopAtEndOfBlock = true }])[0];
        Assert.Equal(expected.Tokens[..^1].Select(t => (float)(t - FirstUnit)), said.Samples);
        Assert.Contains(Enumerable.Range(0, 20), seed => generator.Continue([new("text", [])], sampling with { Seed = seed }, maxTokens: 20, maxImages: 0, maxSpeech: 3).Single().Parts.OfType<SpeechPart>().Any());
    }

    private static bool IsUnit(int token) => token is >= FirstUnit and < FirstUnit + Units;

    private IReadOnlyList<DecodedSequence> Decode(DecodingRequest[] requests) => new InterleavedDecoder(_model, Vocabulary).Decode(requests);
}
