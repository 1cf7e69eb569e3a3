using CsCheck;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

public sealed class TextFileSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ParagraphsAreMergedUpToTheLength()
    {
        var documents = Read("one\ntwo\n\nthree\n\n\nfour five six\n", 16);
        Assert.Equal(["one\ntwo\n\nthree", "four five six"], documents.Select(Text));
        Assert.Equal(["book.txt: line 1", "book.txt: line 7"], documents.Select(d => d.Name));
    }

    [Fact]
    public void LongParagraphsAreCutAtLineEndsOrSpaces()
    {
        Assert.Equal(["first line here", "second line here"], Read("first line here\nsecond line here", 20).Select(Text));
        Assert.Equal(["one two three", " four five six", " seven"], Read("one two three four five six seven", 17).Select(Text));
        Assert.Equal(["aaaaaaaaaaaaaaaa", "aaaa"], Read(new string('a', 20), 16).Select(Text));
    }

    [Fact]
    public void NothingIsLostAndNothingIsTooLong() => Gen.Select(Gen.Char["abc  \n\n\u00e9\U0001F600"].Array[0, 400], Gen.Int[16, 60]).Sample((characters, max) =>
    {
        var text = new string([.. characters.Where(c => !char.IsSurrogate(c))]) + "\U0001F600";
        var documents = Read(text, max).Select(Text).ToList();
        Assert.All(documents, d => Assert.InRange(d.Length, 1, max));
        Assert.Equal(Squeeze(text), Squeeze(string.Concat(documents)));
    }, iter: 200, threads: 1);

    [Fact]
    public void WindowsLineEndsAndByteOrderMarksDoNotMatter() => Assert.Equal(["a\nb\n\nc"], Read("\uFEFFa\r\nb\r\n\r\nc\r\n", 16).Select(Text));

    [Fact]
    public void ParagraphsThatAreNotUtf8AreSkippedAndNamed()
    {
        File.WriteAllBytes(_folder.File("book.txt"), [.. "good\n\nbad "u8, 0xff, .. "\n\ngood again"u8]);
        var problems = new ReadProblems();
        Assert.Equal(["good\n\ngood again"], new TextFileSource([_folder.File("book.txt")], 100).Read(problems).Select(Text));
        Assert.Equal("book.txt: book.txt line 3: not UTF-8", problems.First.Single().ToString());
    }

    [Fact]
    public void ReadsRealPlays()
    {
        var file = Path.Combine(SampleData.Find("tinyshakespeare"), "input.txt");
        var documents = new TextFileSource([file], 2000).Read(new(0)).ToList();
        Assert.InRange(documents.Count, 557, 700);
        Assert.Equal(Squeeze(File.ReadAllText(file)), Squeeze(string.Concat(documents.Select(Text))));
        Assert.InRange(documents.Count, 0.8 * new TextFileSource([file], 2000).EstimatedCount!.Value, 1.2 * new TextFileSource([file], 2000).EstimatedCount!.Value);
    }

    private List<Document> Read(string text, int maxCharacters)
    {
        File.WriteAllText(_folder.File("book.txt"), text);
        return [.. new TextFileSource([_folder.File("book.txt")], maxCharacters).Read(new(0))];
    }

    private static string Text(Document document) => ((TextPart)document.Parts.Single()).Text;

    private static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
