using MixtureOfTransformers.Cli;

namespace MixtureOfTransformers.Tests.Cli;

public sealed class ConsoleProgressTests
{
    private readonly ManualTime _time = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void WhereNobodyWatchesALineAppearsEveryFiveSecondsAndOneAtTheEnd()
    {
        Console().Progress().Run("Training", 100, stage =>
        {
            for (var step = 1; step <= 12; step++)
            {
                stage.Report(step, $"loss {10 - 0.5 * step}");
                _time.Advance(1);
            }
        });
        Assert.Equal(
            "Training: 5 % (5 of 100)  0:05 elapsed  ETA 1:35  loss 7.5\n" +
            "Training: 10 % (10 of 100)  0:10 elapsed  ETA 1:30  loss 5\n" +
            "Training: done in 0:12  loss 4\n",
            _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void WorkOfUnknownLengthShowsHowMuchIsDone()
    {
        Console().Progress().Run("Reading", 0, stage =>
        {
            stage.Report(41);
            _time.Advance(3700);
        });
        Assert.Contains("Reading: 41  1:01:40 elapsed\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void WorkThatNeverReportsShowsThatItLives()
    {
        Console().Progress().Run("Drawing", 0, _ => _time.Advance(11));
        Assert.Equal("Drawing: 0:05 elapsed\nDrawing: 0:10 elapsed\nDrawing: done in 0:11\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void NoLineComesAfterTheWork()
    {
        Console().Progress().Run("Drawing", 0, _ => { });
        _time.Advance(60);
        Assert.Equal("Drawing: done in 0:00\n", _output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void ProgressKeepsOutOfJson()
    {
        var console = Console();
        console.Progress(json: true).Run("Reading", 1, stage => stage.WriteLine("a note"));
        Assert.Equal("", _output.ToString());
        Assert.Equal("a note\nReading: done in 0:00\n", _error.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void TheResultOfTheWorkComesBackAndItsErrorsPass()
    {
        Assert.Equal(7, Console().Progress().Run("Adding", 1, _ => 3 + 4));
        Assert.Throws<InvalidDataException>(() => Console().Progress().Run("Failing", 1, _ => throw new InvalidDataException()));
        Assert.DoesNotContain("Failing: done", _output.ToString());
    }

    [Fact]
    public void ATerminalGetsABarAndTheWorkStaysOnTheCallersThread()
    {
        var console = new CliConsole(_output, _error, outputIsTerminal: true, time: _time);
        console.Ansi.Profile.Capabilities.Ansi = true;
        var progress = console.Progress();
        Assert.True(progress.IsLive);
        var thread = 0;
        progress.Run("Training [x]", 10, stage =>
        {
            thread = Environment.CurrentManagedThreadId;
            _time.Advance(20);
            stage.Report(5, "loss 3");
            stage.WriteLine("saved step 5");
        });
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Contains("Training [x]", _output.ToString());
        Assert.Contains("saved step 5", _output.ToString());
        Assert.Contains("done  0:20", _output.ToString());
    }

    [Fact]
    public async Task ABarThatIsRedrawnWhileTheWorkWritesNeverHangs()
    {
        var console = new CliConsole(_output, _error, outputIsTerminal: true);
        console.Ansi.Profile.Capabilities.Ansi = true;
        var work = Task.Factory.StartNew(
            () =>
            {
                var progress = console.Progress();
                progress.RedrawInterval = TimeSpan.FromMilliseconds(1);
                for (var run = 0; run < 10; run++)
                    progress.Run("Writing", 1, stage =>
                    {
                        for (var line = 0; line < 300; line++)
                            stage.WriteLine("line");
                    });
            },
            TaskCreationOptions.LongRunning);
        await work.WaitAsync(TimeSpan.FromMinutes(1)); // else the work and the redrawing wait for each other
    }

    [Fact]
    public void ALiveStageTellsShareTimeAndRest()
    {
        var stage = new ProgressStage("Training", 10, _time, _ => { });
        _time.Advance(20);
        stage.Report(2.5, "loss 3");
        Assert.Equal("25 %  0:20  ETA 1:00  loss 3", stage.Status());
    }

    private CliConsole Console() => new(_output, _error, time: _time);
}
