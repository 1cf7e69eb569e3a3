using Spectre.Console;
using Spectre.Console.Rendering;

namespace MixtureOfTransformers.Cli;

/// <summary>Shows how far long work is: a bar that moves for a person, a line every few seconds elsewhere.</summary>
/// <remarks>Anything that may take longer than three seconds runs under one. The work runs on the caller's thread, as tensors and dispose scopes need.</remarks>
public sealed class ConsoleProgress
{
    /// <summary>The least time between two lines where nobody watches.</summary>
    public static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly IAnsiConsole _ansi;
    private readonly TextWriter _lines;
    private readonly TimeProvider _time;

    internal ConsoleProgress(IAnsiConsole ansi, TextWriter lines, TimeProvider time) => (_ansi, _lines, _time) = (ansi, lines, time);

    /// <summary>Whether a moving bar is shown.</summary>
    public bool IsLive => _ansi.Profile.Capabilities is { Interactive: true, Ansi: true };

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
        var last = _time.GetTimestamp();
        var stage = new ProgressStage(name, total, _time, WhenDue, _lines.WriteLine);
        var result = work(stage);
        _lines.WriteLine(stage.Summary());
        return result;

        void WhenDue(ProgressStage stage)
        {
            if (_time.GetElapsedTime(last) < LineInterval)
                return;
            last = _time.GetTimestamp();
            _lines.WriteLine(stage.Line());
        }
    }

    private T RunLive<T>(string name, double total, Func<ProgressStage, T> work)
    {
        T result = default!;
        ProgressStage? shown = null;
        _ansi.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new StageColumn(() => shown))
            .Start(context =>
            {
                var bar = context.AddTask(Markup.Escape(name), maxValue: total > 0 ? total : 1);
                bar.IsIndeterminate = total <= 0;
                var stage = shown = new ProgressStage(name, total, _time, s => bar.Value = Math.Min(s.Done, bar.MaxValue), _ansi.WriteLine);
                result = work(stage);
                stage.Complete();
                bar.IsIndeterminate = false;
                bar.Value = bar.MaxValue;
            });
        return result;
    }

    /// <summary>Everything right of the bar, cut to one line.</summary>
    private sealed class StageColumn(Func<ProgressStage?> stage) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(stage()?.Status() ?? "") { Overflow = Overflow.Ellipsis };
    }
}
