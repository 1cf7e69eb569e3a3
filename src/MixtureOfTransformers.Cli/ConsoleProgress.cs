using Spectre.Console;

namespace MixtureOfTransformers.Cli;

/// <summary>Shows how far long work is: a bar that moves for a person, a line every few seconds elsewhere.</summary>
/// <remarks>Anything that may take longer than three seconds runs under one. The work runs on the caller's thread, as tensors and dispose scopes need.</remarks>
public sealed class ConsoleProgress
{
    /// <summary>The time between two lines where nobody watches.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _ansi;
    private readonly TextWriter _lines;
    private readonly TimeProvider _time;

    internal ConsoleProgress(IAnsiConsole ansi, TextWriter lines, TimeProvider time) => (_ansi, _lines, _time) = (ansi, lines, time);

    /// <summary>Whether a moving bar is shown.</summary>
    public bool IsLive => _ansi.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>The time between two redraws of the bar.</summary>
    internal TimeSpan RedrawInterval { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs one stage of work, showing its progress until it returns.</summary>
    /// <param name="name">What is being done, for instance <c>Training MoT</c>.</param>
    /// <param name="total">How much there is to do, in any unit; 0 where nobody knows.</param>
    /// <param name="work">The work; it reports to the stage.</param>
    /// <returns>What the work returned.</returns>
    public T Run<T>(string name, double total, Func<ProgressStage, T> work) => IsLive ? RunLive(name, total, work) : RunInLines(name, total, work);

    /// <summary>Runs one stage of work; see <see cref="Run{T}"/>.</summary>
    public void Run(string name, double total, Action<ProgressStage> work) => Run(name, total, stage =>
    {
        work(stage);
        return true;
    });

    private T RunInLines<T>(string name, double total, Func<ProgressStage, T> work)
    {
        var stage = new ProgressStage(name, total, _time, Write);
        T result;
        using (Repeating(() => Write(stage.Line()), LineInterval, LineInterval)) // by the clock: some work never reports
            result = work(stage);
        Write(stage.Summary());
        return result;

        void Write(string line)
        {
            lock (_lines)
                _lines.WriteLine(line);
        }
    }

    private T RunLive<T>(string name, double total, Func<ProgressStage, T> work)
    {
        // Padded: what is written while the line is shown is written over it.
        var stage = new ProgressStage(name, total, _time, text => _ansi.WriteLine(text.PadRight(_ansi.Profile.Width - 1)));
        T result = default!;
        _ansi.Live(new ProgressLine(stage)).Start(_ =>
        {
            // Redraws by writing nothing: the display's own Refresh takes its locks in another order than a writer on this thread, and the two may meet.
            using (Repeating(() => _ansi.Write(new ControlCode("")), TimeSpan.Zero, RedrawInterval))
            {
                result = work(stage);
                stage.Complete();
            }
        });
        return result;
    }

    private Repetition Repeating(Action action, TimeSpan due, TimeSpan interval) => new(_time.CreateTimer(_ => action(), null, due, interval));

    /// <summary>An action that is repeated on other threads; disposing it waits until its last call is over.</summary>
    private sealed class Repetition(ITimer timer) : IDisposable
    {
        public void Dispose() => timer.DisposeAsync().AsTask().Wait();
    }
}
