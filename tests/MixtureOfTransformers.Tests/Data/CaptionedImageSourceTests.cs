using System.IO.Compression;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tests.Data.Audio;

namespace MixtureOfTransformers.Tests.Data;

public sealed class CaptionedImageSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Images => _folder.File("images");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FolderAndZipGiveTheSameDocuments()
    {
        WriteImages(3);
        ZipFile.CreateFromDirectory(Images, _folder.File("images.zip"));
        var fromFolder = Read(new() { Path = Images });
        var fromZip = Read(new() { Path = _folder.File("images.zip") });
        Assert.Equal(["caption 0", "caption 1", "caption 2"], fromFolder.Select(Caption));
        Assert.Equal(fromFolder.Select(Caption), fromZip.Select(Caption));
        Assert.All(fromFolder.Zip(fromZip), pair => Assert.Equal(Image(pair.First).Samples, Image(pair.Second).Samples));
        Assert.All(fromFolder, d => Assert.Equal((8, 8, 3), (Image(d).Width, Image(d).Height, Image(d).Channels)));
    }

    [Fact]
    public void CaptionsMayLieBesideTheZipOrElsewhere()
    {
        WriteImages(1);
        File.Move(Path.Combine(Images, "captions.jsonl"), _folder.File("captions.jsonl"));
        ZipFile.CreateFromDirectory(Images, _folder.File("images.zip"));
        Assert.Single(Read(new() { Path = _folder.File("images.zip") }));
        Assert.Single(Read(new() { Path = Images, Captions = _folder.File("captions.jsonl") }));
    }

    [Fact]
    public void FieldsFiltersAndExtrasAreFollowed()
    {
        WriteImages(4, """
            {"name": "0.png", "title": "zero", "tags": ["a", "b", "zero"], "kind": "", "n": 1}
            {"name": "1.png", "title": "one", "tags": "c", "kind": "", "n": 1}
            {"name": "2.png", "title": "two", "kind": "", "n": 1}
            {"name": "3.png", "title": "three", "kind": "x", "n": 1}
            {"name": "3.png", "title": "three", "n": 2, "kind": ""}
            """);
        var recipe = new CaptionedImageRecipe { Path = Images, FileField = "name", CaptionField = "title", ExtraFields = ["tags"], Where = new CaptionedImageRecipe { Path = "" }.Where.Add("kind", "").Add("n", "1") };
        Assert.Equal(["zero (a, b)", "one (c)", "two"], Read(recipe).Select(Caption));
        Assert.Equal(3, new CaptionedImageSource(recipe, [new(8)], 3).EstimatedCount);
    }

    [Fact]
    public void BadImagesAndLinesAreSkippedCountedAndNamed()
    {
        WriteImages(3, """
            {"file": "0.png", "caption": "good"}
            {"file": "1.png", "caption": "truncated"}
            {"file": "missing.png", "caption": "missing"}
            {"file": "../secret.png", "caption": "outside"}
            {"file": "2.png"}
            ["2.png"]
            {"file": "2.png", "caption":
            {"file": "2.png", "caption": "good too"}
            """);
        var png = File.ReadAllBytes(Path.Combine(Images, "1.png"));
        File.WriteAllBytes(Path.Combine(Images, "1.png"), png[..(png.Length / 2)]);
        File.WriteAllBytes(_folder.File("secret.png"), png);
        var problems = new ReadProblems();
        Assert.Equal(["good", "good too"], Read(new() { Path = Images }, problems).Select(Caption));
        Assert.Equal(["1.png", "missing.png", "../secret.png", "captions.jsonl line 5", "captions.jsonl line 6", "captions.jsonl line 7"], problems.First.Select(p => p.Entry));
        Assert.All(problems.First, p => Assert.Equal("images", p.Source));
        Assert.Contains("cut off", problems.First[0].Reason);
        Assert.Contains("\"caption\" is missing", problems.First[3].Reason);
    }

    [Fact]
    public void HalfCharactersAndImpossibleNamesAreSkippedCountedAndNamed()
    {
        WriteImages(1, """
            {"file": "0.png", "caption": "cut off \ud83d"}
            {"file": "0.png", "caption": "cut off \ude00"}
            {"file": "\ud83d.png", "caption": "cut off"}
            {"file": "a\u0000.png", "caption": "impossible"}
            {"file": "0.png", "caption": "good \ud83d\ude00"}
            """);
        var problems = new ReadProblems();
        Assert.Equal(["good \U0001F600"], Read(new() { Path = Images }, problems).Select(Caption));
        Assert.Equal(["captions.jsonl line 1", "captions.jsonl line 2", "captions.jsonl line 3", "a\0.png"], problems.First.Select(p => p.Entry));
        Assert.Contains("half of a character", problems.First[0].Reason);
    }

    [Fact]
    public void FilesBeyondTheLimitAreSkippedUnread()
    {
        WriteImages(2);
        using (var huge = File.OpenWrite(Path.Combine(Images, "0.png")))
            huge.SetLength(ImageCodec.MaxFileBytes + 1); // sparse
        var problems = new ReadProblems();
        Assert.Equal(["caption 1"], Read(new() { Path = Images }, problems).Select(Caption));
        Assert.Contains("exceeds the limit of 268435456", problems.First.Single().Reason);
    }

    [Fact]
    public void TooManyBadImagesStopTheReading()
    {
        WriteImages(6);
        foreach (var file in Directory.GetFiles(Images, "*.png"))
            File.WriteAllText(file, "no image");
        var error = Assert.Throws<MotException>(() => Read(new() { Path = Images }, new ReadProblems(3)));
        Assert.Contains("4 bad documents", error.Message);
        Assert.Contains("images: 0.png: not a PNG", error.Message);
    }

    [Fact]
    public void TransparentPartsTakeTheBackground()
    {
        Directory.CreateDirectory(Images);
        File.WriteAllText(Path.Combine(Images, "captions.jsonl"), """{"file": "0.png", "caption": "c"}""");
        using (var bitmap = new SkiaSharp.SKBitmap(4, 4))
        using (var png = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100))
            File.WriteAllBytes(Path.Combine(Images, "0.png"), png.ToArray());
        Assert.Equal([1, 2, 3], Image(Read(new() { Path = Images, Background = "#010203" })[0]).Samples[..3]);
    }

    [Fact]
    public void MissingInputsAreNamed()
    {
        Assert.Contains("nowhere", Assert.Throws<MotException>(() => Read(new() { Path = "nowhere" })).Message);
        Directory.CreateDirectory(Images);
        Assert.Contains("captions.jsonl", Assert.Throws<MotException>(() => Read(new() { Path = Images })).Message);
        File.WriteAllText(_folder.File("broken.zip"), "PK, but not really");
        Assert.Contains("broken.zip", Assert.Throws<CorruptFileException>(() => Read(new() { Path = _folder.File("broken.zip") })).Message);
    }

    [Fact]
    public void ReadsRealEmoji()
    {
        var zip = Path.Combine(SampleData.Find("openmoji"), "openmoji-72x72-color.zip");
        var recipe = new CaptionedImageRecipe { Path = zip, ExtraFields = ["keywords"], Where = new CaptionedImageRecipe { Path = "" }.Where.Add("skintone", "") };
        var source = new CaptionedImageSource(recipe, [new(32)], 3);
        var problems = new ReadProblems();
        Assert.Equal(2362, source.EstimatedCount);
        Assert.Equal(200, source.Read(problems).Take(200).Select(d => Image(d).Samples.Length).Count(length => length == 32 * 32 * 3));
        Assert.Equal(0, problems.Count);
    }

    [Fact]
    public void RecordingsOfCaptionsMakeDocumentsOfThreeModalitiesInAllOrders()
    {
        const int Items = 300;
        WriteImages(Items, string.Join('\n', Enumerable.Range(0, Items).Select(i => $$"""{"file": "{{i}}.png", "caption": "caption {{i}}"{{(i == 0 ? "" : $", \"sound\": \"{i}.wav\"")}}}""")));
        for (var i = 2; i < Items; i++)
            WavFile.Write(Path.Combine(Images, $"{i}.wav"), TestAudio.Sine(100 + i, 16000, seconds: 0.01));
        var recipe = new CaptionedImageRecipe { Path = Images, SpeechField = "sound" };
        var problems = new ReadProblems();
        var documents = Read(recipe, problems);
        Assert.Equal("1.wav", problems.First.Single().Entry);
        Assert.Equal("text image", Kind(documents[0]));
        Assert.All(documents[1..], d => Assert.Equal("text image speech", Kind(d)));
        Assert.Contains(Path.Combine(Images, "7.wav"), recipe.ListInputFiles());
        var data = new DataRecipe { Sources = [recipe], ImageSize = 8, SampleRate = 8000, CaptionDropout = 0.1, SpeechDropout = 0.1 };
        Assert.Equal(["image", "speech", "text"], data.Modalities.Select(m => m.Name).Order());
        var mixed = new DataMix(data).Read(new()).Where(d => d.Split == DataSplit.Train && d.Document.Name != documents[0].Name).CountBy(d => Kind(d.Document)).ToDictionary();
        Assert.All(["text image speech", "text speech image", "image text speech", "image speech text", "speech text image", "speech image text"], order => Assert.InRange(mixed[order], 20, 60));
        Assert.All(["image speech", "speech image", "image text", "text image"], order => Assert.InRange(mixed[order], 4, 30));
        Assert.Equal(10, mixed.Count);
    }

    [Fact]
    public void EachImageGetsTheNearestOfTheSizes()
    {
        WriteImages(1, """{"file": "0.png", "caption": "high"}""" + "\n" + """{"file": "wide.png", "caption": "wide"}""");
        ImageCodec.WritePng(Path.Combine(Images, "wide.png"), new PixelImage(30, 10, 3, new byte[900]));
        var images = new CaptionedImageSource(new() { Path = Images }, [new(8), new(8, 12), new(16, 8)], 3).Read(new(0)).Select(Image).ToList();
        Assert.Equal([(8, 8), (16, 8)], images.Select(i => (i.Width, i.Height))); // of 10x12 and 30x10
    }

    private void WriteImages(int count, string? captions = null)
    {
        Directory.CreateDirectory(Images);
        for (var i = 0; i < count; i++)
            ImageCodec.WritePng(Path.Combine(Images, $"{i}.png"), new PixelImage(10, 12, 3, [.. Enumerable.Range(0, 360).Select(s => (byte)(s * (i + 3) * 7919))]));
        File.WriteAllText(Path.Combine(Images, "captions.jsonl"), captions ?? string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"file": "{{i}}.png", "caption": "caption {{i}}"}""")));
    }

    private static List<Document> Read(CaptionedImageRecipe recipe, ReadProblems? problems = null) => [.. new CaptionedImageSource(recipe, [new(8)], 3).Read(problems ?? new(0))];

    private static string Caption(Document document) => ((TextPart)document.Parts[0]).Text;

    private static PixelImage Image(Document document) => ((ImagePart)document.Parts[1]).Image;

    private static string Kind(Document document) => string.Join(' ', document.Parts.Select(p => p.Modality));
}
