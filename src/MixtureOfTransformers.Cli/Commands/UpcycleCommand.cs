using System.CommandLine;
using MixtureOfTransformers.Checkpoints;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot upcycle</c>: begins a run of a model with more towers or experts from the weights of another run.</summary>
internal static class UpcycleCommand
{
    public static Command Create(CliConsole console)
    {
        var run = new Argument<string>("run") { Description = "Folder of a run" };
        var output = new Option<string>("--out") { Description = "Folder of the new run", Required = true };
        var architecture = ArchitectureOption.Create("What it becomes");
        architecture.Required = true;
        var checkpoint = new Option<string>("--checkpoint") { Description = "latest, best or the name of one", DefaultValueFactory = _ => "latest" };
        var steps = new Option<long?>("--steps") { Description = "Steps of the new run; default: as many as the old one's" };
        return new MotCommand("upcycle", "Begin a model with more towers or experts from a trained one")
        {
            Arguments = { run },
            Options = { output, architecture, checkpoint, steps },
            Examples =
            [
                new("mot upcycle runs/ffn --architecture moma-4t4i --out runs/moma", "four experts from the one of each modality, with noise on their scores"),
                new("mot upcycle runs/dense --architecture mot --out runs/mot", "two towers that begin alike"),
            ],
        }.Does((parsed, _) =>
        {
            var (source, target) = (RunFolder.Open(parsed.GetValue(run)!), parsed.GetValue(output)!);
            NativeRuntime.EnsureLoaded();
            var path = Begin(source, source.Checkpoints.Open(parsed.GetValue(checkpoint)!), target, parsed.GetValue(architecture)!, parsed.GetValue(steps), console.Time);
            console.Output.WriteLine($"{target} begins with the weights of {path}, its place in the data, and a new learning-rate schedule; train it with: mot train {Path.Combine(target, "recipe.json")} --out {target} --resume");
            return ExitCode.Success;
        });
    }

    private static string Begin(RunFolder source, Checkpoint from, string target, string architecture, long? steps, TimeProvider time)
    {
        using var scope = NewDisposeScope();
        var old = source.Recipe;
        var noisy = Architectures.Apply(architecture, from.Config).HasExperts;
        var recipe = old with
        {
            Model = old.Model with { Architecture = architecture, ExpertChoice = noisy ? (old.Model.ExpertChoice ?? new()) with { GumbelNoise = true } : old.Model.ExpertChoice },
            Training = steps is null ? old.Training : old.Training with { Steps = steps, Minutes = null },
        };
        using var tokenizers = TokenizerSet.Open(source.TokenizersPath);
        from.RequireTokenizers(tokenizers.Fingerprint);
        using var small = from.LoadModel(CPU);
        using var large = recipe.Validate().Model.Build(tokenizers.Vocabulary, recipe.Training, recipe.Seed, CPU);
        Upcycling.Apply(small, large);
        var run = RunFolder.Create(target, recipe, source.TokenizersPath);
        using var session = new TrainingSession(large, recipe.Training, new NoBatches { Position = from.State.Position }, time);
        run.Checkpoints.Save(large, session.Moments(), session.Capture(recipe.Seed, tokenizers.Fingerprint));
        run.Record(RunEnvironment.Capture(Environment.CommandLine, recipe.Seed, 0, time) with { Data = Path.GetFullPath(RunData.Of(source.Path)) });
        return from.Folder;
    }

    /// <summary>A place in the data without data.</summary>
    private sealed class NoBatches : Batching.IBatchSource
    {
        public Batching.StreamPosition Position { get; set; }

        public Batching.Batch Next() => throw new NotSupportedException();
    }
}
