namespace MixtureOfTransformers.Data.Scenes;

/// <summary>The built-in data set: drawn scenes, each with a caption that tells what is to be seen. Needs no file; scene <c>i</c> depends on the seed and <c>i</c> alone.</summary>
/// <remarks>A document is the caption and then the picture. Its split key is <see cref="Scene.Description"/>, so that no validation scene is ever trained on, whatever the seed.</remarks>
/// <param name="options">How many scenes, of which kind.</param>
public sealed class SceneSource(SceneOptions options) : IDocumentSource
{
    private readonly SceneOptions _options = options.Validate();

    /// <inheritdoc/>
    public string Name => "scenes";

    /// <inheritdoc/>
    public long? EstimatedCount => _options.Count;

    /// <summary>What scene <paramref name="index"/> shows.</summary>
    public Scene SceneAt(long index) => SceneSampler.Sample(new SeededRandom(_options.Seed, index, 0), _options);

    /// <summary>The caption of scene <paramref name="index"/>.</summary>
    public string CaptionAt(long index) => Caption(SceneAt(index), index);

    /// <inheritdoc/>
    public IEnumerable<Document> Read(ReadProblems problems, CancellationToken cancellationToken = default)
    {
        var painters = _options.ImageSizes.Select(size => new ScenePainter(size)).ToArray();
        try
        {
            for (var index = 0L; index < _options.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var scene = SceneAt(index);
                var painter = painters[new SeededRandom(_options.Seed, index, 2).Next(painters.Length)];
                yield return new($"scenes: {index}", [new TextPart(Caption(scene, index)), new ImagePart(painter.Paint(scene))]) { SplitKey = scene.Description };
            }
        }
        finally
        {
            foreach (var painter in painters)
                painter.Dispose();
        }
    }

    private string Caption(Scene scene, long index) => _options.ShortCaptions ? SceneCaption.WriteShort(scene) : SceneCaption.Write(scene, new SeededRandom(_options.Seed, index, 1));
}
