using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Batching;

public sealed class DataPreparationTests : IDisposable
{
    private static readonly DataRecipe Recipe = new() { Sources = [new SceneRecipe { Count = 400, MaxObjects = 1 }], ImageSize = 8, ValidationFraction = 0.25 };

    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("prepared");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ShardsHoldEveryDocumentOfTheMixInOrder()
    {
        using var data = DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target);
        data.Verify();
        foreach (var split in new[] { DataSplit.Train, DataSplit.Validation })
        {
            var prepared = split == DataSplit.Train ? data.Train : data.Validation;
            var documents = new DataMix(Recipe).Read(new()).Where(d => d.Split == split).Select(d => d.Document).ToList();
            var expected = DocumentTokenizerTests.Fake().Tokenize(documents);
            Assert.Equal(expected.Count, prepared.DocumentCount);
            for (var i = 0; i < expected.Count; i++)
                Assert.Equal(expected[i].Ids, prepared.Ids(i).ToArray());
            Assert.Equal(expected.Sum(s => s.Modalities.Count(m => m == 1)), prepared.Side.TokenCounts["image"]);
            Assert.Equal(expected.Sum(s => s.Modalities.Count(m => m == 0)), prepared.Side.TokenCounts["text"]);
        }
    }

    [Fact]
    public void SameRecipeGivesTheSameBytes()
    {
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target).Dispose();
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), _folder.File("again")).Dispose();
        foreach (var file in Directory.GetFiles(Target))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder.File("again"), Path.GetFileName(file))));
    }

    [Fact]
    public void IdenticalDataIsReusedAndOtherDataIsNotOverwritten()
    {
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target).Dispose();
        var written = File.GetLastWriteTimeUtc(Path.Combine(Target, PreparedIndex.FileName));
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target).Dispose();
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(Target, PreparedIndex.FileName)));

        Assert.Contains("another recipe", Error(Recipe with { Seed = 1 }));
        Assert.Contains("other tokenizers", Assert.Throws<MotException>(() => DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(fingerprint: "new"), Target)).Message);
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(_folder.File("thesis")).FullName, "thesis.md"), "precious");
        Assert.Throws<MotException>(() => DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), _folder.File("thesis")));
        Assert.Equal("precious", File.ReadAllText(_folder.File("thesis/thesis.md")));
    }

    [Fact]
    public void EditedTextIsAnotherInputEvenAtTheSameLength()
    {
        var book = _folder.File("book.txt");
        File.WriteAllText(book, "old");
        var recipe = Recipe with { Sources = [new TextRecipe { Paths = [book] }] };
        var before = Hash(recipe);
        Assert.Equal(before, Hash(recipe));
        File.WriteAllText(book, "new");
        File.SetLastWriteTimeUtc(book, DateTime.UtcNow.AddSeconds(1));
        Assert.NotEqual(before, Hash(recipe));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryImageThatTheCaptionsOfAFolderNameIsAnInput(bool captionsElsewhere)
    {
        Directory.CreateDirectory(_folder.File("images/deep"));
        var captions = _folder.File(captionsElsewhere ? "captions.jsonl" : "images/captions.jsonl");
        File.WriteAllText(captions, """
            {"file": "deep/a.png", "caption": "a"}
            {"file": "../b.png", "caption": "outside"}
            {"file": "c.png", "caption": "missing"}
            {"file": "d\u0000.png", "caption": "impossible"}
            no caption at all
            """);
        foreach (var name in new[] { "images/deep/a.png", "b.png", "images/unnamed.png" })
            File.WriteAllText(_folder.File(name), "old");
        var recipe = Recipe with { Sources = [new CaptionedImageRecipe { Path = _folder.File("images"), Captions = captionsElsewhere ? captions : null }] };

        var hashes = new List<string> { Hash(recipe) };
        File.WriteAllText(_folder.File("images/unnamed.png"), "longer");
        File.WriteAllText(_folder.File("b.png"), "longer");
        Assert.Equal(hashes[0], Hash(recipe));
        File.WriteAllText(_folder.File("images/deep/a.png"), "longer");
        hashes.Add(Hash(recipe));
        File.SetLastWriteTimeUtc(_folder.File("images/deep/a.png"), DateTime.UtcNow.AddSeconds(1));
        hashes.Add(Hash(recipe));
        File.WriteAllText(_folder.File("images/c.png"), "there now");
        hashes.Add(Hash(recipe));
        Assert.Equal(hashes, hashes.Distinct());
    }

    [Fact]
    public void NothingIsLeftBehindWhenStoppedOrFailed()
    {
        using var stop = new CancellationTokenSource();
        var progress = new Reports(_ => stop.Cancel());
        Assert.Throws<OperationCanceledException>(() => DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target, progress, stop.Token));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.Throws<MotException>(() => DataPreparation.Run(Recipe, new DocumentTokenizer(TestTokens.Vocabulary, "fake", _ => [-1]), Target));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void ProgressCountsUp()
    {
        var reports = new List<PreparationProgress>();
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target, new Reports(reports.Add)).Dispose();
        Assert.Equal([256, 400], reports.Select(r => r.Documents));
        Assert.All(reports, r => Assert.Equal(400, r.EstimatedDocuments));
    }

    [Fact]
    public void DamagedFoldersAreNamed()
    {
        DataPreparation.Run(Recipe, DocumentTokenizerTests.Fake(), Target).Dispose();
        var shard = Path.Combine(Target, "train-00000.shard");
        var bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);
        using (var data = PreparedData.Open(Target))
            Assert.Contains("train-00000.shard", Assert.Throws<CorruptFileException>(() => data.Verify()).Message);
        File.Delete(Path.Combine(Target, "validation-00000.shard"));
        Assert.Contains("validation-00000.shard", Assert.Throws<CorruptFileException>(() => PreparedData.Open(Target)).Message);
        File.Delete(Path.Combine(Target, PreparedIndex.FileName));
        Assert.Contains("prepare it first", Assert.Throws<MotException>(() => PreparedData.Open(Target)).Message);
    }

    private static string Hash(DataRecipe recipe) => DataPreparation.Hash(recipe, DocumentTokenizerTests.Fake());

    private string Error(DataRecipe recipe) => Assert.Throws<MotException>(() => DataPreparation.Run(recipe, DocumentTokenizerTests.Fake(), Target)).Message;

    private sealed class Reports(Action<PreparationProgress> report) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => report(value);
    }
}
