using System.IO.Compression;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Tests.Data;

public sealed class IdxSourceTests : IDisposable
{
    private static readonly byte[] Pixels = [.. Enumerable.Range(0, 20 * 6 * 4).Select(i => (byte)(i * 37))];

    private readonly TemporaryFolder _folder = new();

    private IdxRecipe Recipe => new() { Images = _folder.File("images"), Labels = _folder.File("labels"), Classes = ["cat", "dog"] };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadsImagesAndClasses()
    {
        Write("images", Pixels, 20, 6, 4);
        Write("labels", [.. Enumerable.Range(0, 20).Select(i => (byte)(i % 2))], 20);
        var documents = Read(Recipe with { Templates = ["a {class}"] });
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? "a cat" : "a dog"), documents.Select(Caption));
        var expected = ImageResizer.Cover(new PixelImage(4, 6, 1, Pixels[(24 * 7)..(24 * 8)]), 4, 4).Samples;
        Assert.Equal(expected, ((ImagePart)documents[7].Parts[1]).Image.Samples);
    }

    [Fact]
    public void GzipOrNotIsTheSame()
    {
        Write("images", Pixels, 20, 6, 4);
        Write("labels", new byte[20], 20);
        var plain = Read(Recipe);
        foreach (var name in new[] { "images", "labels" })
            Compress(name);
        var compressed = Read(Recipe);
        Assert.Equal(20, compressed.Count);
        Assert.Equal(plain.Select(Caption), compressed.Select(Caption));
        Assert.All(plain.Zip(compressed), pair => Assert.Equal(((ImagePart)pair.First.Parts[1]).Image.Samples, ((ImagePart)pair.Second.Parts[1]).Image.Samples));
    }

    [Fact]
    public void SeedChoosesTheTemplates()
    {
        Write("images", Pixels, 20, 6, 4);
        Write("labels", new byte[20], 20);
        string[] Captions(long seed) => [.. new IdxSource(Recipe, [new(4)], 1, seed).Read(new(0)).Select(Caption)];
        Assert.Equal(Captions(1), Captions(1));
        Assert.NotEqual(Captions(1), Captions(2));
        Assert.True(Captions(1).Distinct().Count() > 2);
    }

    [Fact]
    public void LabelWithoutClassIsSkippedAndNamed()
    {
        Write("images", Pixels, 20, 6, 4);
        Write("labels", [0, 1, 2, .. new byte[17]], 20);
        var problems = new ReadProblems();
        Assert.Equal(19, new IdxSource(Recipe, [new(4)], 1, 0).Read(problems).Count());
        Assert.Equal("images: image 2: label 2 has no class; there are 2", problems.First.Single().ToString());
    }

    [Fact]
    public void TruncatedForeignAndMismatchedFilesAreNamed()
    {
        Write("images", Pixels, 20, 6, 4);
        Write("labels", new byte[20], 20);
        var whole = File.ReadAllBytes(Recipe.Images);
        File.WriteAllBytes(Recipe.Images, whole[..^1]);
        Assert.Equal(Recipe.Images, Assert.Throws<CorruptFileException>(() => Read(Recipe)).FilePath);
        File.WriteAllBytes(Recipe.Images, whole);
        Compress("images");
        File.WriteAllBytes(Recipe.Images, File.ReadAllBytes(Recipe.Images)[..^30]);
        Assert.Equal(Recipe.Images, Assert.Throws<CorruptFileException>(() => Read(Recipe)).FilePath);
        File.WriteAllBytes(Recipe.Images, whole[4..]);
        Assert.Contains("not an IDX file", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
        File.WriteAllBytes(Recipe.Images, whole);
        Write("labels", new byte[19], 19);
        Assert.Contains("19 labels for the 20 images", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
        File.Delete(Recipe.Labels);
        Assert.Contains("labels does not exist", Assert.Throws<MotException>(() => Read(Recipe)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FalseHeadersAreErrorsBeforeAnyMemoryIsTaken(bool compressed)
    {
        Write("images", Pixels, int.MaxValue, 6, 4);
        Write("labels", new byte[20], int.MaxValue);
        if (compressed)
        {
            Compress("images");
            Compress("labels");
        }
        Assert.Contains("images: claims to hold 2147483647 x 6 x 4 bytes", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
        Write("images", Pixels, 20, 6, 4);
        Assert.Contains("labels: claims to hold 2147483647 bytes", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
        Write("images", Pixels, int.MaxValue, int.MaxValue, int.MaxValue);
        Assert.Contains("truncated or damaged", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
    }

    [Fact]
    public void ImagesBeyondTheLimitAreAnError()
    {
        Write("images", [], 1, 65536, 2048);
        using (var images = File.OpenWrite(Recipe.Images))
            images.SetLength(16 + 65536 * 2048); // sparse
        Write("labels", [0], 1);
        Assert.Contains("65536x2048 pixels, more than the limit of 100 million", Assert.Throws<CorruptFileException>(() => Read(Recipe)).Message);
    }

    [Fact]
    public void ReadsRealClothes()
    {
        var folder = SampleData.Find("fashion-mnist");
        var recipe = new IdxRecipe
        {
            Images = Path.Combine(folder, "t10k-images-idx3-ubyte.gz"),
            Labels = Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"),
            Classes = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
        };
        var documents = new IdxSource(recipe, [new(28)], 1, 0).Read(new(0)).ToList();
        Assert.Equal(10_000, documents.Count);
        Assert.All(recipe.Classes, c => Assert.InRange(documents.Count(d => Caption(d).EndsWith(c, StringComparison.Ordinal)), 1000, 2000));
    }

    private void Write(string name, byte[] content, params int[] lengths) => TestIdx.Write(_folder.File(name), content, lengths);

    private void Compress(string name)
    {
        var content = File.ReadAllBytes(_folder.File(name));
        using var gzip = new GZipStream(File.Create(_folder.File(name)), CompressionLevel.Fastest);
        gzip.Write(content);
    }

    private static List<Document> Read(IdxRecipe recipe) => [.. new IdxSource(recipe, [new(4)], 1, 0).Read(new(0))];

    private static string Caption(Document document) => ((TextPart)document.Parts[0]).Text;
}
