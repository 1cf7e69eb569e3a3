using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Captions and images from a folder or zip; a document is the caption and then the image, and a recording of the caption where there is one.</summary>
public sealed class CaptionedImageSource : IDocumentSource
{
    /// <summary>The name of the file of captions when none is given.</summary>
    public const string DefaultCaptions = "captions.jsonl";

    private const double DefaultMaxSeconds = 30; // of a recording
    private readonly CaptionedImageRecipe _recipe;
    private readonly ImmutableArray<PixelSize> _sizes;
    private readonly int _channels;
    private readonly int _sampleRate;
    private readonly Rgb _background;
    private readonly CaptionFile _captions;
    private readonly Lazy<long> _count;

    /// <summary>A source for the given fields.</summary>
    /// <param name="recipe">Where the images and captions are.</param>
    /// <param name="sizes">Sizes of the images that come out; see <see cref="DataRecipe.ImageSizes"/>.</param>
    /// <param name="channels">1 for grey images, 3 for RGB.</param>
    /// <param name="sampleRate">Samples per second of the recordings that come out.</param>
    /// <exception cref="MotException">The images or the captions do not exist.</exception>
    public CaptionedImageSource(CaptionedImageRecipe recipe, ImmutableArray<PixelSize> sizes, int channels, int sampleRate = 16_000)
    {
        (_recipe, _sizes, _channels, _sampleRate, _background) = (recipe, sizes, channels, sampleRate, Rgb.Parse(recipe.Background));
        using var archive = new MediaArchive(recipe.Path);
        _captions = new(Name, recipe.CaptionsFile, DefaultCaptions, new(recipe.FileField, recipe.CaptionField, recipe.Where) { Extras = recipe.ExtraFields, Speech = recipe.SpeechField });
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
            if (Decode(archive, line.File, problems) is not { } image)
                continue;
            DocumentPart[] seen = [new TextPart(line.Caption), new ImagePart(image)];
            if (line.Speech is null)
                yield return new($"{Name}: {line.File}", [.. seen]);
            else if (Recording.Read(archive, line.Speech, _recipe.MaxSeconds ?? DefaultMaxSeconds, _sampleRate, Name, problems) is { } clip)
                yield return new($"{Name}: {line.File}", [.. seen, new SpeechPart(clip)]);
        }
    }

    /// <summary>Where the images and recordings that the captions name are or would be; nothing for a zip.</summary>
    internal IReadOnlyList<string> ListMediaFiles()
    {
        using var archive = new MediaArchive(_recipe.Path);
        return [.. _captions.Lines(archive, new ReadProblems(int.MaxValue)).SelectMany(line => new[] { line.File, line.Speech }).OfType<string>().Select(archive.PathOf).OfType<string>()];
    }

    private PixelImage? Decode(MediaArchive archive, string file, ReadProblems problems)
    {
        try
        {
            var bytes = archive.Read(file, ImageCodec.MaxFileBytes) ?? throw new MotException("there is no such image");
            return ImageCodec.Decode(bytes, _sizes, _channels, _background);
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
