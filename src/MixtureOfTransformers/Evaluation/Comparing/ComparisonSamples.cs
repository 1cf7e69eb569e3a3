using System.Collections.Immutable;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What the runs of the first seed make of held-out captions, images and recordings, and how good the tokenizers are.</summary>
/// <param name="Samples">The samples.</param>
/// <param name="ImageTokenizer">Null where there is none.</param>
/// <param name="Speech">Null where there is none.</param>
/// <param name="Notes">Why an architecture has none.</param>
internal sealed record ComparisonSamples(ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? ImageTokenizer, SpeechQuality? Speech, ImmutableArray<string> Notes)
{
    /// <summary>Generates with every run that can.</summary>
    public static ComparisonSamples Make(ComparisonPlan plan, string folder, TokenizerSet tokenizers, ComparisonOptions options, CancellationToken cancellation)
    {
        var recipe = plan.Recipe;
        if (tokenizers is { ImageShapes.Count: 0, Speech: null })
            return new([], null, null, []);
        return options.Stages.Run("Generating samples", 0, _ =>
        {
            using var gallery = new SampleGallery(recipe.Recipe.Data, tokenizers, recipe.Samples, recipe.AllSeeds[0], cancellation: cancellation);
            var notes = new List<string>();
            foreach (var name in recipe.Samples == 0 ? [] : recipe.Architectures.Select(a => a.Name))
            {
                var run = Comparison.RunPath(folder, recipe.AllSeeds[0], name);
                if (DivergenceFile.Read(run) is not null)
                {
                    notes.Add($"No samples of {ArchitectureNames.Label(name)}: it diverged.");
                    continue;
                }
                try
                {
                    using var trained = TrainedModel.Open(run, options.Device);
                    gallery.Add(name, trained.Generator, cancellation);
                }
                catch (MotException error)
                {
                    notes.Add($"No samples of {ArchitectureNames.Label(name)}: {error.Message}.");
                }
            }
            return new ComparisonSamples(gallery.Samples, gallery.ImageTokenizer, gallery.Speech, [.. notes]);
        });
    }
}
