using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Comparing;
using MixtureOfTransformers.Evaluation.Plots;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot compare</c>: several architectures and seeds trained alike, and what each needs for the losses of the first.</summary>
internal static class CompareCommand
{
    public static Command Create(CliConsole console)
    {
        var recipeOptions = new RecipeOptions();
        recipeOptions.File.Description = "A recipe of a comparison, for instance recipes/paper/quick.json";
        var output = new Option<string>("--out") { Description = "Folder of the comparison; the same command goes on with one that was stopped", Required = true };
        var data = new Option<string?>("--data") { Description = "Folder with prepared data (see mot data prepare); made there when missing. Default: data/ inside the comparison" };
        var minutes = new Option<double?>("--minutes") { Description = "Time for everything on this machine, in place of the recipe's minutes or steps" };
        var steps = new Option<long?>("--steps") { Description = "Steps of each run, in place of the recipe's minutes or steps" };
        var seeds = new Option<string?>("--seeds") { Description = "Seeds in place of the recipe's, for instance 1,2,3" };
        var device = DeviceOption.Create();
        var json = CommonOptions.Json();
        return new MotCommand("compare", "Compare architectures: trains all alike on the same data, each with its best learning rate, and says what each needs to match the first")
        {
            Arguments = { recipeOptions.File },
            Options = { output, data, recipeOptions.Paths, minutes, steps, seeds, device, json },
            Examples =
            [
                new("mot compare recipes/paper/quick.json --out runs/quick", "dense, MoT, experts and the hybrid, in 13 minutes on two cores"),
                new("mot compare recipes/paper/quick.json --out runs/longer --minutes 120 --seeds 1,2,3", "two hours, three seeds"),
                new("mot compare recipes/compare/openmoji.json --path openmoji=DIR --path shakespeare=DIR --out runs/openmoji", "on real data"),
            ],
        }.Does((parsed, cancellation) =>
        {
            var variants = CompareRecipeFile.Read(parsed.GetValue(recipeOptions.File)!, recipeOptions.Values(parsed));
            variants = [.. variants.Select(v => v with { Recipe = Seeded(Limited(v.Recipe, parsed.GetValue(minutes) / variants.Length, parsed.GetValue(steps)), parsed.GetValue(seeds)).Validate() })];
            var target = parsed.GetValue(output)!;
            var options = new ComparisonOptions
            {
                Device = DeviceOption.Parse(parsed.GetValue(device)!),
                DataFolder = parsed.GetValue(data) ?? Path.Combine(target, Comparison.DataName),
                Time = console.Time,
            };
            NativeRuntime.EnsureLoaded();
            try
            {
                var studies = variants.Select(v => new CompareRun(v, target, options, CommandLine(parsed), console, parsed.GetValue(json)).Run(cancellation)).ToArray();
                if (studies.Length > 1)
                {
                    var together = Path.Combine(target, StudyFolder.PlotsName);
                    SavingsPlots.Write(together, [.. variants.Zip(studies, (v, study) => (v.Name, study))]);
                    if (!parsed.GetValue(json))
                        console.Output.WriteLine($"The savings of all variants on one axis are in {together}");
                }
                if (parsed.GetValue(json))
                    console.WriteJson(studies is [var only] ? Json(only) : new JsonArray([.. studies.Select(Json)]), CompareOutputJson.Default.JsonNode);
                return ExitCode.Success;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                console.WriteError($"{target}: stopped; the same command goes on from there");
                return ExitCode.Interrupted;
            }
        });
    }

    private static JsonNode Json(ComparisonStudy study) => JsonSerializer.SerializeToNode(study, StudyJson.Default.ComparisonStudy)!;

    /// <summary>What was typed, from the program's name on, for the report.</summary>
    private static string CommandLine(ParseResult parsed) =>
        string.Join(' ', parsed.Tokens.Select(t => t.Value.Contains(' ', StringComparison.Ordinal) ? $"\"{t.Value}\"" : t.Value).Prepend(CliApplication.Name));

    private static CompareRecipe Limited(CompareRecipe recipe, double? minutes, long? steps) => (minutes, steps) switch
    {
        (null, null) => recipe,
        ({ } time, null) => recipe with { Minutes = time, Recipe = recipe.Recipe with { Training = recipe.Recipe.Training with { Steps = null } } },
        (null, { } count) => recipe with { Minutes = null, Recipe = recipe.Recipe with { Training = recipe.Recipe.Training with { Steps = count } } },
        _ => throw new UsageException($"--minutes {minutes} and --steps {steps} are both given; give one of them"),
    };

    private static CompareRecipe Seeded(CompareRecipe recipe, string? seeds) => seeds is null ? recipe : recipe with
    {
        Seeds = [.. seeds.Split(',').Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed
            : throw new UsageException($"--seeds {seeds} must be whole numbers with commas between them, for instance 1,2,3"))],
    };
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JsonNode))]
internal sealed partial class CompareOutputJson : JsonSerializerContext;
