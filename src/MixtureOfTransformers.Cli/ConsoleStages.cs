using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli;

/// <summary>Shows the library's stages as progress on the console.</summary>
internal sealed class ConsoleStages(ConsoleProgress progress) : IStages
{
    public T Run<T>(string name, double total, Func<Action<double, string?>, T> work) => progress.Run(name, total, stage => work(stage.Report));
}
