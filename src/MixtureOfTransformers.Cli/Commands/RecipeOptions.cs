using System.CommandLine;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary>The arguments that name a recipe, shared by the commands that take one.</summary>
internal sealed class RecipeOptions
{
    public Argument<string> File { get; } = new("recipe") { Description = "A recipe, for instance recipes/scenes.json" };

    public Option<string[]> Paths { get; } = new("--path")
    {
        Description = "name=value for a ${name} in the recipe, for instance --path openmoji=~/data/openmoji; may be repeated",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    public Option<long?> Seed { get; } = new("--seed") { Description = "A seed in place of the recipe's, for its documents too" };

    public void AddTo(Command command)
    {
        command.Arguments.Add(File);
        command.Options.Add(Paths);
        command.Options.Add(Seed);
    }

    /// <summary>What the placeholders of the recipe stand for.</summary>
    public Dictionary<string, string> Values(ParseResult parsed) => Values(parsed.GetValue(Paths)!);

    /// <summary>Reads the recipe that the command line names.</summary>
    public Recipe Read(ParseResult parsed) => Seeded(RecipeFile.Read(parsed.GetValue(File)!, Values(parsed)), parsed);

    /// <summary>Reads the recipe that the command line names, to compare it with another; placeholders without a value stay.</summary>
    public Recipe ReadTemplate(ParseResult parsed) => Seeded(RecipeFile.ReadTemplate(parsed.GetValue(File)!, Values(parsed)), parsed);

    private Recipe Seeded(Recipe recipe, ParseResult parsed) => parsed.GetValue(Seed) switch
    {
        null => recipe,
        < 0 and var seed => throw new UsageException($"--seed {seed} must not be negative"),
        { } seed => recipe with { Seed = seed, Data = recipe.Data with { Seed = seed } },
    };

    private static Dictionary<string, string> Values(string[] pairs)
    {
        var values = new Dictionary<string, string>();
        foreach (var pair in pairs)
        {
            var cut = pair.IndexOf('=');
            if (cut < 1)
                throw new UsageException($"--path {pair} must be name=value, for instance --path data=/home/me/data");
            values[pair[..cut]] = pair[(cut + 1)..];
        }
        return values;
    }
}
