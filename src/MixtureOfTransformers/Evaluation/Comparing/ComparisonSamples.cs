using System.Collections.Immutable;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What the runs of the first seed make of held-out captions and images, and how good the image tokenizer is.</summary>
/// <param name="Samples">The samples.</param>
/// <param name="ImageTokenizer">Null where there is none.</param>
/// <param name="Notes">Why an architecture has none.</param>
internal sealed record ComparisonSamples(ImmutableArray<ReportSample> Samples, ImageTokenizerQuality? ImageTokenizer, ImmutableArray<string> Notes)
{
    private const int ReconstructedImages = 128;
    private static readonly SamplingOptions Drawing = new() { Image = new() { Temperature = 0.7, TopP = 0.95 }, ImageGuidance = 2 };
    private static readonly SamplingOptions Describing = new() { Text = SamplingRule.Greedy };

    /// <summary>Draws and describes with every run that can.</summary>
    public static ComparisonSamples Make(ComparisonPlan plan, string folder, TokenizerSet tokenizers, ComparisonOptions options, CancellationToken cancellation)
    {
        var recipe = plan.Recipe;
        if (tokenizers.Image is not { } image)
            return new([], null, []);
        return options.Stages.Run("Drawing and describing", 0, _ =>
        {
            var pairs = HeldOutPairs.Read(recipe.Recipe.Data, Math.Max(ReconstructedImages, recipe.Samples), cancellation);
            if (pairs.IsEmpty)
                return new([], null, []);
            var quality = ImageTokenizerQuality.Of(image, [.. pairs.Take(ReconstructedImages).Select(p => p.Image)]);
            var (made, notes) = (new List<(string Architecture, ImmutableArray<ReportSample> Samples)>(), new List<string>());
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
                    made.Add((name, SampleGallery.Generate([(name, trained.Generator)], [.. pairs.Take(recipe.Samples)], Drawing with { Seed = recipe.AllSeeds[0] }, Describing, cancellation)));
                }
                catch (MotException error)
                {
                    notes.Add($"No samples of {ArchitectureNames.Label(name)}: {error.Message}.");
                }
            }
            return new ComparisonSamples(Together(made), quality, [.. notes]);
        });
    }

    /// <summary>The samples of all architectures, side by side.</summary>
    private static ImmutableArray<ReportSample> Together(List<(string Architecture, ImmutableArray<ReportSample> Samples)> made) => made.Count == 0 ? [] :
        [.. made[0].Samples.Select((sample, i) => sample with { Generated = [.. made.SelectMany(m => m.Samples[i].Generated)] })];
}
