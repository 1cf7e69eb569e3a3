using System.CommandLine;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot plan</c>: memory, time and cost of a training run, before anything is allocated.</summary>
internal static class PlanCommand
{
    public static Command Create(CliConsole console)
    {
        var options = new PlanOptions(console);
        var json = CommonOptions.Json();
        var command = new MotCommand("plan", "Estimate the memory, time and cost of a training run from its recipe, before anything is allocated")
        {
            Examples =
            [
                new("mot plan 7b --devices 384 --shard full --checkpoint-activations", "the paper's 7B run with two towers"),
                new("mot plan 443m --architecture dense --machine h100", "its dense twin on one GPU"),
                new("mot plan recipes/scenes.json --machine cpu", "a recipe on this machine, whose speed is measured"),
            ],
        };
        options.AddTo(command);
        command.Options.Add(json);
        return command.Does((parsed, cancellation) =>
        {
            var (name, plan) = (options.Subject(parsed), options.Plan(parsed));
            var machines = options.Machines(parsed, cancellation).Select(plan.On).ToArray();
            if (parsed.GetValue(json))
                console.WriteJson(PlanReport.Of(name, plan, machines), PlanJson.Default.PlanReport);
            else
                PlanText.Print(name, plan, machines, console);
            return ExitCode.Success;
        });
    }
}
