using System.CommandLine;
using MixtureOfTransformers.Evaluation.Analysis;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot analyze</c>: what trained models make of held-out tokens, modality by modality.</summary>
internal static class AnalyzeCommand
{
    public static Command Create(CliConsole console)
    {
        var runs = new Argument<string[]>("runs") { Description = "Folders of runs, or a folder that holds some", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string?>("--out") { Description = $"Folder for {AnalysisFolder.HtmlName} and {AnalysisFolder.JsonName}" };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data; default: those of each run" };
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var batches = new Option<int>("--batches") { Description = "Held-out batches to take tokens from, at most", DefaultValueFactory = _ => 16 };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of each modality to measure hidden states on, at most", DefaultValueFactory = _ => 1000 };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        return new MotCommand("analyze", "Measure how runs tell modalities apart, how large their states grow, what their experts take, and how losses scale with size")
        {
            Arguments = { runs },
            Options = { output, data, checkpoint, batches, tokens, device, json },
            Examples =
            [
                new("mot analyze runs/scenes", "separation and norms by layer"),
                new("mot analyze runs/dense runs/scenes --out analysis", "two runs side by side, with plots in analysis/analysis.html"),
                new("mot analyze runs", "all runs in a folder, with power laws where they differ in size or in batch size alone"),
                new("mot analyze runs/scenes --json", "for a program"),
            ],
        }.Does((parsed, cancellation) =>
        {
            int Positive(Option<int> option) => parsed.GetValue(option) is > 0 and var value ? value : throw new UsageException($"{option.Name} {parsed.GetValue(option)} must be at least 1");
            var options = new AnalyzeOptions(parsed.GetValue(data), parsed.GetValue(checkpoint)!, Positive(batches), Positive(tokens));
            var folders = AnalyzedRuns.Find(parsed.GetValue(runs)!);
            NativeRuntime.EnsureLoaded();
            var where = DeviceOption.Parse(parsed.GetValue(device)!);
            var report = console.Progress(parsed.GetValue(json)).Run("Analysing", folders.Count, stage =>
            {
                RunAnalysis[] analyses = [.. folders.Select((folder, done) =>
                {
                    stage.Report(done, folder.Name);
                    return AnalyzedRuns.Analyze(folder.Path, folder.Name, options, where, cancellation);
                })];
                return new AnalysisReport { Runs = [.. analyses], Scaling = ScalingLaw.Of(analyses) };
            });
            if (parsed.GetValue(output) is { } folder)
                AnalysisFolder.Write(folder, report);
            if (parsed.GetValue(json))
                console.WriteJson(report, AnalysisJson.Default.AnalysisReport);
            else
                Print(report, parsed.GetValue(output), console);
            return ExitCode.Success;
        });
    }

    private static void Print(AnalysisReport report, string? output, CliConsole console)
    {
        foreach (var run in report.Runs)
        {
            ReportConsole.Print(AnalysisTables.Stages(run), console);
            if (!run.Routers.IsEmpty)
            {
                ReportConsole.Print(AnalysisTables.ExpertsPerToken(run), console);
                ReportConsole.Print(AnalysisTables.Experts(run), console);
            }
            if (!run.Depths.IsEmpty)
                ReportConsole.Print(AnalysisTables.Depths(run), console);
        }
        if (!report.Scaling.IsEmpty)
            ReportConsole.Print(AnalysisTables.Scaling(report), console);
        if (report.DataNote is { } note)
            console.Output.WriteLine(note);
        console.Output.WriteLine("Separation is the share of variance between modalities: 0 none, 1 perfect. RMS and Max are those of the elements of states.");
        if (output is not null)
            console.Output.WriteLine($"{Path.Combine(output, AnalysisFolder.HtmlName)} shows the states in two dimensions");
    }
}
