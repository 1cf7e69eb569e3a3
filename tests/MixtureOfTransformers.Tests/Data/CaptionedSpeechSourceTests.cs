using System.IO.Compression;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Data;

public sealed class CaptionedSpeechSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Recordings => _folder.File("recordings");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FolderAndZipGiveTheSameDocumentsAtTheWantedRate()
    {
        Write(3);
        ZipFile.CreateFromDirectory(Recordings, _folder.File("recordings.zip"));
        var (fromFolder, fromZip) = (Read(new() { Path = Recordings }), Read(new() { Path = _folder.File("recordings.zip") }));
        Assert.Equal(["words 0", "words 1", "words 2"], fromFolder.Select(Words));
        Assert.Equal(fromFolder.Select(Words), fromZip.Select(Words));
        Assert.All(fromFolder.Zip(fromZip), pair => Assert.Equal(Clip(pair.First).Samples, Clip(pair.Second).Samples));
        Assert.All(fromFolder, d => Assert.Equal((8000, 800), (Clip(d).SampleRate, Clip(d).Samples.Length)));
    }

    [Fact]
    public void TheSplitOfTheDataSetIsFollowed()
    {
        Write(4, """
            {"file": "0.wav", "text": "a", "split": "train"}
            {"file": "1.wav", "text": "b", "split": "test"}
            {"file": "2.wav", "text": "c", "split": "dev-clean"}
            {"file": "3.wav", "text": "d", "split": "both"}
            """);
        var problems = new ReadProblems();
        var recipe = new CaptionedSpeechRecipe { Path = Recordings, SplitField = "split" };
        Assert.Equal([DataSplit.Train, DataSplit.Validation, DataSplit.Validation], Read(recipe, problems).Select(d => d.Split!.Value));
        Assert.Contains("\"split\" says 'both'", problems.First.Single().Reason);
        var mixed = new DataMix(new() { Sources = [recipe with { Where = recipe.Where.Add("text", "b") }], SampleRate = 8000, ValidationFraction = 0 }).Read(new());
        Assert.Equal(DataSplit.Validation, mixed.Single().Split);
    }

    [Fact]
    public void HalfOfTheTextsThatAreSpokenNameTheSpeakerFirst()
    {
        Write(3, """
            {"file": "0.wav", "text": "seven", "who": "george"}
            {"file": "1.wav", "text": "nine"}
            {"file": "2.wav", "text": "two", "who": " "}
            """);
        var source = new CaptionedSpeechRecipe { Path = Recordings, SpeakerField = "who", Repeat = 200 };
        string[] Texts(double speechFirst, CaptionedSpeechRecipe recipe) =>
            [.. new DataMix(new() { Sources = [recipe], SampleRate = 8000, ValidationFraction = 0, SpeechFirst = speechFirst }).Read(new()).SelectMany(d => d.Document.Parts.OfType<TextPart>()).Select(t => t.Text)];
        var counts = Texts(0, source).CountBy(t => t).ToDictionary();
        Assert.Equal(["george: seven", "nine", "seven", "two"], counts.Keys.Order());
        Assert.InRange(counts["george: seven"], 70, 130);
        Assert.Equal(["nine", "seven", "two"], Texts(1, source).Distinct().Order()); // what is written down is what was said
        Assert.DoesNotContain(Texts(0, source with { SpeakerField = null }), t => t.Contains(':'));
    }

    [Fact]
    public void BadRecordingsAreSkippedCountedAndNamed()
    {
        Write(6);
        var good = File.ReadAllBytes(Path.Combine(Recordings, "0.wav"));
        File.WriteAllBytes(Path.Combine(Recordings, "1.wav"), good[..20]);
        File.WriteAllBytes(Path.Combine(Recordings, "2.wav"), []);
        ImageCodec.WritePng(Path.Combine(Recordings, "3.wav"), new PixelImage(4, 4, 1, new byte[16]));
        WavFile.Write(Path.Combine(Recordings, "4.wav"), new(new float[8000 * 40], 8000));
        File.Delete(Path.Combine(Recordings, "5.wav"));
        var problems = new ReadProblems();
        Assert.Equal(["words 0"], Read(new() { Path = Recordings }, problems).Select(Words));
        Assert.Equal(["1.wav", "2.wav", "3.wav", "4.wav", "5.wav"], problems.First.Select(p => p.Entry));
        string[] reasons = ["truncated WAV", "empty", "not a WAV, FLAC or Ogg Vorbis file", "a recording of 40 s exceeds the limit of 30 s", "no such recording"];
        Assert.All(problems.First.Zip(reasons), pair => Assert.Contains(pair.Second, pair.First.Reason));
    }

    [Fact]
    public void AnHourThatIsTooLongIsNotLoaded()
    {
        Write(2);
        using (var hour = File.OpenWrite(Path.Combine(Recordings, "0.wav")))
        {
            hour.Write(TestAudio.Riff(TestAudio.Chunk("fmt ", TestAudio.Format(1, 2, 48000, 16)), TestAudio.Chunk("data", [], 4 * 48000 * 3600)));
            hour.SetLength(44 + (4L * 48000 * 3600)); // sparse
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problems = new ReadProblems();
        Assert.Single(Read(new() { Path = Recordings }, problems));
        Assert.Contains("3600 s exceeds the limit", problems.First.Single().Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
    }

    [Fact]
    public void MissingInputsAreNamed()
    {
        Assert.Contains("nowhere", Assert.Throws<MotException>(() => Read(new() { Path = "nowhere" })).Message);
        Directory.CreateDirectory(Recordings);
        Assert.Contains("transcripts.jsonl", Assert.Throws<MotException>(() => Read(new() { Path = Recordings })).Message);
    }

    [Fact]
    public void AllOrdersAppearAsOftenAsAskedFor()
    {
        Write(400, samples: 8);
        var recipe = new DataRecipe { Sources = [new CaptionedSpeechRecipe { Path = Recordings }], SampleRate = 8000, ValidationFraction = 0.2, SpeechFirst = 0.3, CaptionDropout = 0.2, SpeechDropout = 0.1 };
        var documents = new DataMix(recipe).Read(new()).ToList();
        var kinds = documents.Where(d => d.Split == DataSplit.Train).CountBy(Kind).ToDictionary();
        var count = (double)kinds.Values.Sum();
        Assert.InRange(kinds["speech"] / count, 0.14, 0.26);
        Assert.InRange(kinds["text"] / count, 0.05, 0.15);
        Assert.InRange(kinds["speech text"] / count, 0.14, 0.28);
        Assert.InRange(kinds["text speech"] / count, 0.42, 0.56);
        Assert.Equal(["speech text", "text speech"], documents.Where(d => d.Split == DataSplit.Validation).Select(Kind).Distinct().Order());
    }

    [Fact]
    public void UtterancesChangeBetweenTextAndSpeechAtTheirPhrases()
    {
        Write(300, string.Join('\n', Enumerable.Range(0, 300).Select(i => $$"""{"file": "{{i}}.wav", "text": "one two three", "words": [{"word": "one", "start": 0}, {"word": "two", "start": 0.02}, {"text": "three", "start": 0.05}]}""")));
        var recipe = new DataRecipe { Sources = [new CaptionedSpeechRecipe { Path = Recordings, PhrasesField = "words" }], SampleRate = 8000, Interleave = 0.7, CaptionDropout = 0.1, SpeechDropout = 0.1, ValidationFraction = 0.2 };
        var documents = new DataMix(recipe).Read(new()).ToList();
        Assert.Equal(["speech text", "text speech"], documents.Where(d => d.Split == DataSplit.Validation).Select(Kind).Distinct().Order());
        string Told(MixedDocument document) => string.Join(' ', document.Document.Parts.Select(p => p is TextPart text ? text.Text : $"{((SpeechPart)p).Clip.Seconds:0.00}"));
        var kinds = documents.Where(d => d.Split == DataSplit.Train).CountBy(Told).ToDictionary();
        string[] interleaved = ["one 0.08", "0.02 two three", "one two 0.05", "0.05 three", "one 0.03 three", "0.02 two 0.05"];
        Assert.All(interleaved, told => Assert.InRange(kinds[told], 10, 80));
        Assert.Equal([.. interleaved, "0.10", "0.10 one two three", "one two three", "one two three 0.10"], kinds.Keys.Order(StringComparer.Ordinal).OrderBy(k => !interleaved.Contains(k)).ThenBy(k => Array.IndexOf(interleaved, k)));
        Assert.InRange(interleaved.Sum(told => kinds[told]) / (double)kinds.Values.Sum(), 0.6, 0.8);
    }

    [Theory]
    [InlineData("7", "no list of phrases")]
    [InlineData("""[{"word": "a", "start": 0.01}, {"word": "b", "start": 0.01}]""", "after that of the last")]
    [InlineData("""[{"word": "a", "start": 0}, {"word": "b", "start": 0.00001}]""", "after that of the last")]
    [InlineData("""[{"word": "a", "start": 0}, {"word": "late", "start": 0.09999}]""", "'late' begins at 0.1 s, but the recording ends at 0.1 s")]
    [InlineData("""[{"word": "a"}]""", "needs a text or word, and a start")]
    [InlineData("""[{"start": 0}]""", "needs a text or word")]
    [InlineData("""[{"word": "late", "start": 0.1}]""", "'late' begins at 0.1 s, but the recording ends at 0.1 s")]
    public void WrongTimesAreNamed(string phrases, string message)
    {
        Write(1, $$"""{"file": "0.wav", "text": "a b", "words": {{phrases}}}""");
        var problems = new ReadProblems();
        Assert.Empty(Read(new() { Path = Recordings, PhrasesField = "words" }, problems));
        Assert.Contains(message, problems.First.Single().Reason);
    }

    [Fact]
    public void ReadsSpokenDigits()
    {
        var folder = SampleData.Find("fsdd");
        var recipe = new CaptionedSpeechRecipe { Path = Path.Combine(folder, "recordings.zip"), Transcripts = Path.Combine(folder, "index.jsonl"), SplitField = "split" };
        var problems = new ReadProblems(0);
        var documents = new CaptionedSpeechSource(recipe, 8000).Read(problems).ToList();
        Assert.Equal((1800, 200), (documents.Count(d => d.Split == DataSplit.Train), documents.Count(d => d.Split == DataSplit.Validation)));
        Assert.Equal(10, documents.Select(Words).Distinct().Count());
        Assert.All(documents, d => Assert.InRange(Clip(d).Seconds, 0.1, 2.5));
    }

    [Fact]
    public void ReadsSentencesOfLibriSpeech()
    {
        var folder = SampleData.Find("librispeech-mini");
        var recipe = new CaptionedSpeechRecipe { Path = Path.Combine(folder, "wav.zip") };
        var documents = new CaptionedSpeechSource(recipe, 8000).Read(new(0)).ToList();
        Assert.Equal(59, documents.Count);
        Assert.InRange(documents.Sum(d => Clip(d).Seconds), 180, 184);
    }

    private void Write(int count, string? transcripts = null, int samples = 1600)
    {
        Directory.CreateDirectory(Recordings);
        for (var i = 0; i < count; i++)
            WavFile.Write(Path.Combine(Recordings, $"{i}.wav"), new(TestAudio.Sine(100 + i, 16000, samples / 16000.0).Samples, 16000));
        File.WriteAllText(Path.Combine(Recordings, "transcripts.jsonl"), transcripts ?? string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"file": "{{i}}.wav", "text": "words {{i}}"}""")));
    }

    private static string Kind(MixedDocument document) => string.Join(' ', document.Document.Parts.Select(p => p.Modality));

    private static List<Document> Read(CaptionedSpeechRecipe recipe, ReadProblems? problems = null) => [.. new CaptionedSpeechSource(recipe, 8000).Read(problems ?? new(0))];

    private static string Words(Document document) => ((TextPart)document.Parts[0]).Text;

    private static AudioClip Clip(Document document) => ((SpeechPart)document.Parts[1]).Clip;
}
