using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;

namespace MixtureOfTransformers.Training;

/// <summary>What the tokenizers of a recipe learn from: uniform samples of its documents, each side by itself.</summary>
/// <param name="Texts">Of the training side.</param>
/// <param name="Images">Of the training side.</param>
/// <param name="HeldOut">Images of the validation side to measure with; those of <paramref name="Images"/> when it has none.</param>
/// <param name="Clips">Speech of the training side, long recordings cut to a few seconds.</param>
/// <param name="HeldOutClips">Speech of the validation side to measure with; that of <paramref name="Clips"/> when it has none.</param>
internal sealed record RecipeSamples(IReadOnlyList<string> Texts, IReadOnlyList<PixelImage> Images, IReadOnlyList<PixelImage> HeldOut, IReadOnlyList<AudioClip> Clips, IReadOnlyList<AudioClip> HeldOutClips)
{
    private const int MaxTexts = 100_000;
    private const int MaxImages = 20_000;
    private const int MaxHeldOut = 512;
    private const int MaxClips = 2000;
    private const int MaxHeldOutClips = 64;
    private const int MaxClipSeconds = 4;

    /// <summary>What <see cref="HeldOut"/> is, in words.</summary>
    public string HeldOutName => ReferenceEquals(HeldOut, Images) ? "training" : "held-out";

    /// <summary>What <see cref="HeldOutClips"/> is, in words.</summary>
    public string HeldOutClipsName => ReferenceEquals(HeldOutClips, Clips) ? "training" : "held-out";

    /// <summary>Reads every document of <paramref name="recipe"/> once.</summary>
    /// <param name="recipe">Data and seed.</param>
    /// <param name="stages">A display.</param>
    /// <param name="cancellation">Stops between documents.</param>
    /// <exception cref="Storage.MotException">The documents cannot be used.</exception>
    public static RecipeSamples Read(Recipe recipe, IStages stages, CancellationToken cancellation)
    {
        var texts = new Reservoir<string>(MaxTexts, recipe.Seed);
        var images = new Reservoir<PixelImage>(MaxImages, recipe.Seed);
        var heldOut = new Reservoir<PixelImage>(MaxHeldOut, recipe.Seed);
        var clips = new Reservoir<AudioClip>(MaxClips, recipe.Seed);
        var heldOutClips = new Reservoir<AudioClip>(MaxHeldOutClips, recipe.Seed);
        var mix = new DataMix(recipe.Data);
        stages.Run("Reading documents", mix.EstimatedCount ?? 0, report =>
        {
            var count = 0L;
            foreach (var (split, document) in mix.Read(new ReadProblems(recipe.Data.MaxBadDocuments), cancellation))
            {
                report(++count, null);
                foreach (var part in document.Parts)
                {
                    if (part is ImagePart image)
                        (split == DataSplit.Train ? images : heldOut).Add(image.Image);
                    else if (part is SpeechPart speech)
                        (split == DataSplit.Train ? clips : heldOutClips).Add(Excerpt(speech.Clip, new SeededRandom(recipe.Seed, count)));
                    else if (part is TextPart text && split == DataSplit.Train)
                        texts.Add(text.Text);
                }
            }
            return count;
        });
        var learnt = images.Items;
        return new(texts.Items, learnt, heldOut.Items.Count > 0 ? heldOut.Items : learnt, clips.Items, heldOutClips.Items.Count > 0 ? heldOutClips.Items : clips.Items);
    }

    private static AudioClip Excerpt(AudioClip clip, SeededRandom random)
    {
        var length = MaxClipSeconds * clip.SampleRate;
        return clip.Samples.Length <= length ? clip : clip.Slice(random.Next(clip.Samples.Length - length + 1), length);
    }
}
