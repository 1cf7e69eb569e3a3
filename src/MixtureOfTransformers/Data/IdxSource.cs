using System.Collections.Immutable;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Data;

/// <summary>Images with class labels from IDX files; a document is a caption that names the class and then the image.</summary>
public sealed class IdxSource : IDocumentSource
{
    internal const string Placeholder = "{class}";

    private readonly IdxRecipe _recipe;
    private readonly ImmutableArray<PixelSize> _sizes;
    private readonly int _channels;
    private readonly long _seed;
    private readonly byte[] _labels;

    /// <summary>A source for the given files.</summary>
    /// <param name="recipe">Which files, classes and captions.</param>
    /// <param name="sizes">Sizes of the images that come out; see <see cref="DataRecipe.ImageSizes"/>.</param>
    /// <param name="channels">1 for grey images, 3 for RGB.</param>
    /// <param name="seed">Decides which caption each image gets.</param>
    /// <exception cref="MotException">A file does not exist.</exception>
    /// <exception cref="CorruptFileException">A file is not IDX, is truncated or claims too much, or the two do not belong together.</exception>
    public IdxSource(IdxRecipe recipe, ImmutableArray<PixelSize> sizes, int channels, long seed)
    {
        (_recipe, _sizes, _channels, _seed) = (recipe, sizes, channels, seed);
        using var images = new IdxFile(recipe.Images, dimensions: 3);
        using var labels = new IdxFile(recipe.Labels, dimensions: 1);
        if (images.Lengths[0] != labels.Lengths[0])
            throw new CorruptFileException(recipe.Labels, $"holds {labels.Lengths[0]} labels for the {images.Lengths[0]} images of {recipe.Images}; the files do not belong together");
        if ((long)images.Lengths[1] * images.Lengths[2] > ImageCodec.MaxPixels)
            throw new CorruptFileException(recipe.Images, $"claims images of {images.Lengths[1]}x{images.Lengths[2]} pixels, more than the limit of {ImageCodec.MaxPixels / 1_000_000} million; copy or download it again");
        _labels = labels.Read(labels.Lengths[0]);
    }

    /// <inheritdoc/>
    public string Name => Path.GetFileName(_recipe.Images);

    /// <inheritdoc/>
    public long? EstimatedCount => _labels.Length;

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        using var images = new IdxFile(_recipe.Images, dimensions: 3);
        var (height, width) = (images.Lengths[1], images.Lengths[2]);
        var size = PixelSize.Nearest(_sizes, width, height);
        for (var i = 0; i < _labels.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var samples = images.Read(height * width);
            if (_labels[i] >= _recipe.Classes.Length)
            {
                problems.Add(Name, $"image {i}", $"label {_labels[i]} has no class; there are {_recipe.Classes.Length}");
                continue;
            }
            var image = ImageResizer.WithChannels(ImageResizer.Cover(new(width, height, 1, samples), size.Width, size.Height), _channels);
            var caption = new SeededRandom(_seed, i).Pick(_recipe.Templates).Replace(Placeholder, _recipe.Classes[_labels[i]], StringComparison.Ordinal);
            yield return new($"{Name}: image {i}", [new TextPart(caption), new ImagePart(image)]);
        }
    }
}
