namespace MixtureOfTransformers.Training;

/// <summary>Shows long work stage by stage; a program implements it over its display.</summary>
public interface IStages
{
    /// <summary>No display.</summary>
    static IStages Silent { get; } = new SilentStages();

    /// <summary>Runs one stage on the caller's thread.</summary>
    /// <param name="name">What is being done.</param>
    /// <param name="total">How much there is to do, in any unit; 0 where nobody knows.</param>
    /// <param name="work">Does it; it is given a function to report what is done so far, with a few words or null.</param>
    /// <returns>What the work returned.</returns>
    T Run<T>(string name, double total, Func<Action<double, string?>, T> work);

    private sealed class SilentStages : IStages
    {
        public T Run<T>(string name, double total, Func<Action<double, string?>, T> work) => work((_, _) => { });
    }
}
