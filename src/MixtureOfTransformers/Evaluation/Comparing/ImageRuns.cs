using MixtureOfTransformers.Evaluation.Images;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>How well the finished runs draw and describe. What a run reached is kept beside its checkpoint as <c>images.json</c>, and what the data give themselves in the folder of the
/// comparison.</summary>
/// <param name="plan">What to do.</param>
/// <param name="folder">Of the comparison.</param>
/// <param name="options">Where and how.</param>
internal sealed class ImageRuns(ComparisonPlan plan, string folder, ComparisonOptions options)
{
    private const string FileName = "images.json";

    private CompareRecipe Recipe => plan.Recipe;

    private string ReferencePath => Path.Combine(folder, FileName);

    private (string Architecture, long Seed, string Path)[] Runs =>
    [
        .. from seed in Recipe.AllSeeds
           from architecture in Recipe.Architectures
           let run = Comparison.RunPath(folder, seed, architecture.Name)
           where DivergenceFile.Read(run) is null
           select (architecture.Name, seed, run)
    ];

    private string[] Left => [.. Runs.Select(run => run.Path).Where(path => !File.Exists(Path.Combine(path, FileName)))];

    /// <summary>Measures what is left to measure, and all again where what judges is not what judged before.</summary>
    /// <returns>The runs beside the data, and a sentence for each that cannot draw or describe; null where nothing is to be measured.</returns>
    public (ImageQuality Quality, IEnumerable<string> Notes)? Measure(CancellationToken cancellation)
    {
        if (Recipe.MeasuredImages == 0)
            return null;
        if (Left.Length > 0 || !File.Exists(ReferencePath))
            MeasureLeft(cancellation);
        var results = Runs.Select(run => (run.Architecture, run.Seed, Result: JsonFile.Read(Path.Combine(run.Path, FileName), CompareJson.Default.ImageResult))).ToArray();
        return (JsonFile.Read(ReferencePath, CompareJson.Default.ImageQuality) with
        {
            Models = [.. results.Where(r => r.Result.Scores is not null).Select(r => new ModelImageQuality(r.Architecture, r.Seed, r.Result.Scores!))],
        }, results.Where(r => r.Result.Problem is not null).Select(r => $"No measures of the images of {ArchitectureNames.Label(r.Architecture)} with seed {r.Seed}: {r.Result.Problem}."));
    }

    private void MeasureLeft(CancellationToken cancellation)
    {
        using var evaluation = options.Stages.Run("Learning to judge images", 1, report =>
            ImageEvaluation.Create(Recipe.Recipe.Data, Recipe.MeasuredImages, Recipe.Recipe.Seed, progress: share => report(share, null), cancellation: cancellation));
        if (!IsThatOfBefore(evaluation.Reference))
            foreach (var stale in Directory.EnumerateFiles(Path.Combine(folder, Comparison.RunsName), FileName, SearchOption.AllDirectories))
                File.Delete(stale);
        JsonFile.Write(ReferencePath, evaluation.Reference, CompareJson.Default.ImageQuality);
        var runs = Left;
        options.Stages.Run("Measuring images", runs.Length, report =>
        {
            var done = 0;
            SideBySide.Run([.. runs.Select(run => (Action<CancellationToken>)(stop =>
            {
                JsonFile.Write(Path.Combine(run, FileName), Measure(evaluation, run, stop), CompareJson.Default.ImageResult);
                report(Interlocked.Increment(ref done), null);
            }))], plan.Workers, plan.Threads, cancellation);
            return true;
        });
    }

    /// <summary>Whether what judges is what judged the runs before: on another machine, or with another number of threads, it learns something a little different, and its numbers do not compare.</summary>
    private bool IsThatOfBefore(ImageQuality now) => File.Exists(ReferencePath) && JsonFile.Read(ReferencePath, CompareJson.Default.ImageQuality) is var before
        && (before.Training, before.HeldOut, before.Shuffled) == (now.Training, now.HeldOut, now.Shuffled);

    /// <summary>That a model cannot draw or describe is its result; that it cannot be opened is not.</summary>
    private ImageResult Measure(ImageEvaluation evaluation, string run, CancellationToken cancellation)
    {
        using var trained = TrainedModel.Open(run, options.Device);
        try
        {
            return new(evaluation.Measure(trained.Generator, cancellation));
        }
        catch (MotException error)
        {
            return new(Problem: error.Message);
        }
    }
}
