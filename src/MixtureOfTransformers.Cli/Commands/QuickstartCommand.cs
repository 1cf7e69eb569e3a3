using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Runtime;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot quickstart</c>: dense and Mixture-of-Transformers trained side by side on built-in data, compared and sampled, in minutes.</summary>
internal static class QuickstartCommand
{
    private const double MostMinutes = 10_000;

    public static Command Create(CliConsole console)
    {
        var setting = new Option<string>("--setting") { Description = string.Join("; ", QuickstartSetting.All.Select(s => $"{s.Name}: {s.Description}")), DefaultValueFactory = _ => QuickstartSetting.All[0].Name };
        setting.AcceptOnlyFromAmong([.. QuickstartSetting.All.Select(s => s.Name)]);
        var minutes = new Option<double?>("--minutes") { Description = $"Time for everything, on this machine; default: {string.Join(", ", QuickstartSetting.All.Select(s => $"{s.Minutes} for {s.Name}"))}" };
        var seed = new Option<long>("--seed") { Description = "Seed of data order and weights", DefaultValueFactory = _ => 1 };
        var output = new Option<string?>("--out") { Description = "Folder for the results; default: runs/quickstart-<date>" };
        var json = CommonOptions.Json();
        return new MotCommand("quickstart", "See it work: train dense and MoT on built-in data, compare them, draw and describe images")
        {
            Options = { setting, minutes, seed, output, json },
            Examples =
            [
                new("mot quickstart", "everything, in about four minutes on two cores"),
                new("mot quickstart --setting speech", "three modalities: it also speaks, and writes down what it hears"),
                new("mot quickstart --setting transfusion", "images by diffusion, with a filmstrip of their making"),
                new("mot quickstart --minutes 20 --out runs/longer", "better images, a clearer difference"),
                new("mot quickstart --seed 2 --json", "another seed, the report as JSON"),
            ],
        }.Does((parsed, cancellation) =>
        {
            var chosen = QuickstartSetting.All.Single(s => s.Name == parsed.GetValue(setting));
            var budget = parsed.GetValue(minutes) ?? chosen.Minutes;
            if (budget is not (> 0 and <= MostMinutes) and var wrong) // NaN too
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--minutes {wrong} must be above 0 and at most {MostMinutes}"));
            if (parsed.GetValue(seed) is < 0 and var negative)
                throw new UsageException($"--seed {negative} must not be negative");
            NativeRuntime.EnsureLoaded();
            var recipe = EmbeddedRecipe.Read(chosen.Recipe) with { Seed = parsed.GetValue(seed) };
            var folder = parsed.GetValue(output) ?? Path.Combine("runs", $"quickstart-{console.Time.GetLocalNow():yyyyMMdd-HHmmss}");
            var quickstart = new Quickstart(chosen, recipe.Validate(), folder, TimeSpan.FromMinutes(budget), console, parsed.GetValue(json));
            quickstart.Run(cancellation);
            return ExitCode.Success;
        });
    }
}
