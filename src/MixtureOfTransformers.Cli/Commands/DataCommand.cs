using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot data</c>: prepares and shows what a recipe trains on.</summary>
internal static class DataCommand
{
    public static Command Create(CliConsole console) => new("data", "Prepare or look at training data") { Subcommands = { Prepare(console), Preview(console) } };

    private static MotCommand Prepare(CliConsole console)
    {
        var recipe = new RecipeOptions();
        var output = new Option<string>("--out") { Description = "Folder for tokenizers and token shards; reused when it already holds this recipe's", Required = true };
        var verify = new Option<bool>("--verify") { Description = "Compare the checksums of all shards afterwards" };
        var json = CommonOptions.Json();
        var command = new MotCommand("prepare", "Train the tokenizers of a recipe and turn its documents into token shards")
        {
            Options = { output, verify, json },
            Examples =
            [
                new("mot data prepare recipes/scenes.json --out data/scenes", "the built-in data"),
                new("mot data prepare recipes/openmoji.json --path openmoji=~/openmoji --path shakespeare=~/shakespeare --out data/openmoji", "data of your own"),
            ],
        };
        recipe.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            NativeRuntime.EnsureLoaded();
            var progress = console.Progress(parsed.GetValue(json));
            using var prepared = RecipePreparation.Run(recipe.Read(parsed), parsed.GetValue(output)!, new ConsoleStages(progress), cancellation);
            if (parsed.GetValue(verify))
                progress.Run("Comparing checksums", 0, _ => prepared.Data.Verify(cancellation));
            if (parsed.GetValue(json))
                console.WriteJson(prepared.Data.Index, BatchingJson.Default.PreparedIndex);
            else
                Print(prepared.Data, console);
            return ExitCode.Success;
        });
    }

    private static MotCommand Preview(CliConsole console)
    {
        var recipe = new RecipeOptions();
        var output = new Option<string?>("--out") { Description = "PNG file for the images, side by side" };
        var count = new Option<int>("--count") { Description = "Documents to show", DefaultValueFactory = _ => 12 };
        var command = new MotCommand("preview", "Show the first documents of a recipe before anything is tokenized")
        {
            Options = { output, count },
            Examples = [new("mot data preview recipes/scenes.json --out scenes.png", "captions on the console, pictures in a file")],
        };
        recipe.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            if (parsed.GetValue(count) is < 1 and var wrong)
                throw new UsageException($"--count {wrong} must be at least 1");
            var documents = new DataMix(recipe.Read(parsed).Data).Read(new ReadProblems(), cancellation).Take(parsed.GetValue(count)).ToList();
            foreach (var (split, document) in documents)
                console.Output.WriteLine($"{split.ToString().ToLowerInvariant()}  {string.Join(" ", document.Parts.Select(p => Shown(p)))}");
            var images = documents.SelectMany(d => d.Document.Parts.OfType<ImagePart>()).Select(p => p.Image).ToList();
            if (parsed.GetValue(output) is { } file && images.Count > 0)
            {
                ImageCodec.WritePng(file, ImageGrid.Tile(images, columns: 6, scale: 4));
                console.Output.WriteLine(file);
            }
            return ExitCode.Success;
        });
    }

    private static string Shown(DocumentPart part) => part switch
    {
        TextPart text => OneLine(text.Text),
        SpeechPart speech => string.Create(CultureInfo.InvariantCulture, $"[speech {speech.Clip.Seconds:0.00} s]"),
        _ => $"[{part.Modality}]",
    };

    private static string OneLine(string text)
    {
        const int most = 120;
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= most ? line : line[..most] + " …";
    }

    private static void Print(PreparedData data, CliConsole console)
    {
        foreach (var (name, side) in new[] { ("training", data.Train.Side), ("validation", data.Validation.Side) })
            console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {side.DocumentCount:#,0} documents, {side.TokenCount:#,0} tokens ({string.Join(", ", side.TokenCounts.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Key} {t.Value:#,0}")))})"));
        if (data.Index.ProblemCount > 0)
            console.Output.WriteLine($"skipped: {data.Index.ProblemCount}, the first: {data.Index.Problems[0]}");
    }
}
