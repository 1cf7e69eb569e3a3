using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using Spectre.Console;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot inspect</c>: parameters and FLOPs of a model, without building it.</summary>
internal static class InspectCommand
{
    private static readonly ModalityId[] Known = [ModalityId.Text, ModalityId.Image, ModalityId.Speech];

    public static Command Create(CliConsole console)
    {
        var model = new Argument<string>("model") { Description = $"A preset ({string.Join(", ", ModelPresets.All.Keys)}) or the path of a config.json" };
        var modalities = new Option<int?>("--modalities") { Description = "Number of modalities, 1 to 3, each with its own tower; default: the configuration's" };
        var architecture = ArchitectureOption.Create("Another model of the same shape");
        var length = new Option<int>("--length") { Description = "Tokens per sequence, for the cost of attention", DefaultValueFactory = _ => 4096 };
        var json = CommonOptions.Json();
        return new MotCommand("inspect", "Count the parameters and FLOPs of a model from its configuration")
        {
            Arguments = { model },
            Options = { modalities, architecture, length, json },
            Examples =
            [
                new("mot inspect 7b --modalities 2", "the paper's 7B model with a text and an image tower"),
                new("mot inspect 443m --modalities 3 --json", "for a program"),
                new("mot inspect 443m --architecture moe-4x", "the same shape with four experts"),
                new("mot inspect runs/scenes/checkpoints/step-00001000/config.json", "a model of yours"),
            ],
        }.Does((parsed, _) =>
        {
            var name = parsed.GetValue(model)!;
            var report = InspectReport.Of(name, Resolve(name, parsed.GetValue(modalities), parsed.GetValue(architecture)), Positive(parsed.GetValue(length)));
            if (parsed.GetValue(json))
                console.WriteJson(report, InspectJson.Default.InspectReport);
            else
                Print(report, console);
            return ExitCode.Success;
        });
    }

    private static MotConfig Resolve(string name, int? modalities, string? architecture)
    {
        var config = File.Exists(name) ? JsonFile.Read(name, ModelJson.Default.MotConfig) : ModelPresets.Get(name);
        if (modalities is { } count)
        {
            if (count < 1 || count > Known.Length)
                throw new UsageException($"--modalities {count} must be from 1 to {Known.Length} ({string.Join(", ", Known)})");
            config = config with { Modalities = [.. Known.Take(count)], Towers = [] };
        }
        return Architectures.Apply(architecture ?? Architectures.Mot, config).Validate();
    }

    private static int Positive(int length) => length > 0 ? length : throw new UsageException($"--length {length} must be positive");

    private static void Print(InspectReport report, CliConsole console)
    {
        var config = report.Shape;
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumns("", "");
        table.Columns[1].Alignment = Justify.Right;
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));
        Row("model", $"{report.Model}: D {config.Dim}, {config.LayerCount} layers, {config.HeadCount} heads, F {config.EffectiveFeedForwardDim}, V {config.VocabularySize}");
        Row("modalities", $"{string.Join(", ", report.Modalities)} in {report.Towers} {(report.Towers == 1 ? "tower" : "towers")}");
        if (config.HasUnequalTowers)
            Row("widths of the towers, D / F", string.Join(", ", Enumerable.Range(0, config.TowerCount).Select(tower => $"{config.DimOf(tower)} / {config.FeedForwardDimOf(tower)}")));
        Row("parameters", Count(report.Parameters));
        Row("  activated per token", Count(report.ActivatedParameters));
        Row("  embeddings and head", Count(report.EmbeddingParameters));
        Row("  all others", Count(report.NonEmbeddingParameters));
        Row($"FLOPs per token forward, {report.SequenceLength} tokens, causal", Count(report.FlopsPerToken.Forward));
        Row("  projections and feed-forward", Count(report.FlopsPerToken.Projections));
        Row("  attention", Count(report.FlopsPerToken.Attention));
        Row("  head", Count(report.FlopsPerToken.Head));
        Row("FLOPs per token forward, full attention", Count(report.FlopsPerToken.ForwardFullAttention));
        Row("FLOPs per token in training, causal", Count(report.FlopsPerToken.Training));
        console.Ansi.Write(table);
    }

    private static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
