using System.Text.Json;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>A comparison with its report: runs, files, tables.</summary>
internal sealed class CompareRun(ComparedVariant variant, string output, ComparisonOptions options, string command, CliConsole console, bool json)
{
    private readonly string _folder = variant.Name is { } name ? Path.Combine(output, name) : output;

    /// <summary>Does what is left to do, writes the report and, unless JSON is wanted, prints it.</summary>
    public ComparisonStudy Run(CancellationToken cancellation)
    {
        var start = console.Time.GetTimestamp();
        var outcome = new Comparison(variant.Recipe, _folder, options with { Stages = new ConsoleStages(console.Progress(json)) }).Run(cancellation);
        var study = StudyFolder.Write(_folder, ComparisonStudy.Create(Metadata(outcome), outcome.Baseline, outcome.Runs, outcome.Sweep) with
        {
            ImageTokenizer = outcome.ImageTokenizer,
            Speech = outcome.Speech,
            Images = outcome.Images,
            Samples = outcome.Samples,
            Notes = outcome.Notes,
        });
        if (!json)
            Print(study, start);
        return study;
    }

    private ReportMetadata Metadata(ComparisonOutcome outcome)
    {
        var environment = RunEnvironment.Capture(options.CommandLine, outcome.Runs[0].Seed, 0, console.Time);
        return new()
        {
            Setting = variant.Name is null ? outcome.Plan.Recipe.Recipe.Name : $"{outcome.Plan.Recipe.Recipe.Name}, {variant.Name}",
            Date = console.Time.GetUtcNow(),
            Seed = (ulong)outcome.Runs[0].Seed,
            Command = command,
            Machine = ReportMachine.Describe(environment),
            Versions = ReportMachine.Versions(environment),
            Recipe = JsonSerializer.SerializeToElement(outcome.Plan.Recipe, CompareJson.Default.CompareRecipe),
        };
    }

    private void Print(ComparisonStudy study, long start)
    {
        ReportTable[] tables =
        [
            StudyTables.Sweep(study), StudyTables.Quality(study, CurveSplit.Training), StudyTables.Cost(study), .. study.Speech is { } speech ? [SpeechTable.Of(speech)] : Array.Empty<ReportTable>(),
            .. study.Images is { } images ? [ImageQualityTable.Of(images)] : Array.Empty<ReportTable>(),
            StudyTables.Quality(study),
        ];
        foreach (var table in tables.Where(t => !t.Rows.IsEmpty))
            ReportConsole.Print(table, console);
        foreach (var note in study.Notes)
            console.Output.WriteLine(note);
        console.Output.WriteLine($"Finished in {ProgressStage.Clock(console.Time.GetElapsedTime(start))}. Open {Path.Combine(_folder, StudyFolder.HtmlName)}");
    }
}
