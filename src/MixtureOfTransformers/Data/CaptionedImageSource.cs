using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Captions and images from a folder or zip; a document is the caption and then the image.</summary>
public sealed class CaptionedImageSource : IDocumentSource
{
    /// <summary>The name of the file of captions when none is given.</summary>
    public const string DefaultCaptions = "captions.jsonl";

    private readonly CaptionedImageRecipe _recipe;
    private readonly int _imageSize;
    private readonly int _channels;
    private readonly Rgb _background;
    private readonly CaptionFile _captions;
    private readonly Lazy<long> _count;

    /// <summary>A source for the given fields.</summary>
    /// <param name="recipe">Where the images and captions are.</param>
    /// <param name="imageSize">Width and height of the images that come out, in pixels.</param>
    /// <param name="channels">1 for grey images, 3 for RGB.</param>
    /// <exception cref="MotException">The images or the captions do not exist.</exception>
    public CaptionedImageSource(CaptionedImageRecipe recipe, int imageSize, int channels)
    {
        (_recipe, _imageSize, _channels, _background) = (recipe, imageSize, channels, Rgb.Parse(recipe.Background));
        using var archive = new MediaArchive(recipe.Path);
        _captions = new(Name, recipe.CaptionsFile, DefaultCaptions, new(recipe.FileField, recipe.CaptionField, recipe.Where) { Extras = recipe.ExtraFields });
        _captions.Open(archive).Dispose();
        _count = new(Count);
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(_recipe.Path));

    /// <summary>The lines that will be used, counted exactly on the first call.</summary>
    public long? EstimatedCount => _count.Value;

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        using var archive = new MediaArchive(_recipe.Path);
        foreach (var line in _captions.Lines(archive, problems))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Decode(archive, line.File, problems) is { } image)
                yield return new($"{Name}: {line.File}", [new TextPart(line.Caption), new ImagePart(image)]);
        }
    }

    /// <summary>Where the images that the captions name are or would be; nothing for a zip.</summary>
    internal IReadOnlyList<string> ListImageFiles()
    {
        using var archive = new MediaArchive(_recipe.Path);
        return [.. _captions.Lines(archive, new ReadProblems(int.MaxValue)).Select(line => archive.PathOf(line.File)).OfType<string>()];
    }

    private PixelImage? Decode(MediaArchive archive, string file, ReadProblems problems)
    {
        try
        {
            var bytes = archive.Read(file, ImageCodec.MaxFileBytes) ?? throw new MotException("there is no such image");
            return ImageCodec.Decode(bytes, _imageSize, _channels, _background);
        }
        catch (Exception error) when (error is MotException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problems.Add(Name, file, error.Message);
            return null;
        }
    }

    private long Count()
    {
        using var archive = new MediaArchive(_recipe.Path);
        return _captions.Lines(archive, new ReadProblems(int.MaxValue)).LongCount();
    }
}
