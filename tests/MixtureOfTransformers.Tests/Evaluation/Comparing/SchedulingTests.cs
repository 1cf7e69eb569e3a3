using System.Collections.Immutable;
using MixtureOfTransformers.Evaluation;
using MixtureOfTransformers.Evaluation.Comparing;

namespace MixtureOfTransformers.Tests.Evaluation.Comparing;

public sealed class SchedulingTests
{
    [Theory]
    [InlineData(5000, 24)]
    [InlineData(20, 24)]
    [InlineData(4, 4)]
    public void EvaluationsAreCloseTogetherAtTheStartAndEvenlySpreadLater(long steps, int count)
    {
        var all = EvaluationSteps.Of(steps, count);
        Assert.Equal((0, steps), (all[0], all[^1]));
        Assert.Equal(all.Distinct().Order(), all);
        Assert.True(all.Length <= count + 1);
        if (steps < 1000)
            return;
        Assert.Equal(count + 1, all.Length);
        Assert.InRange(all[1], 1, steps / 100);
        Assert.InRange(all[^1] - all[^2], steps / count / 2, steps / count * 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(3)]
    [InlineData(5)]
    public void EveryRunStandsBesideEveryOtherEquallyOften(int count)
    {
        var rounds = count + (count % 2) - 1;
        var pairs = new List<(int, int)>();
        var alone = new List<int>();
        for (var round = 0; round < rounds; round++)
        {
            var order = RoundOrder.Of(count, round);
            Assert.Equal(Enumerable.Range(0, count), order.Order());
            for (var i = 0; i + 1 < count; i += 2)
                pairs.Add((Math.Min(order[i], order[i + 1]), Math.Max(order[i], order[i + 1])));
            if (count % 2 == 1)
                alone.Add(order[^1]);
        }
        Assert.Equal(count * (count - 1) / 2, pairs.Distinct().Count());
        Assert.Equal(pairs.Count, pairs.Distinct().Count());
        Assert.Equal(alone.Count, alone.Distinct().Count());
    }

    [Fact]
    public void WorkersTakeTurnsUntilAllIsDone()
    {
        var (done, now, most) = (0, 0, 0);
        var gate = new Lock();
        void Piece(CancellationToken stop)
        {
            lock (gate)
                (done, now, most) = (done + 1, now + 1, Math.Max(most, now + 1));
            Thread.Sleep(5);
            lock (gate)
                now--;
        }
        SideBySide.Run([.. Enumerable.Repeat((Action<CancellationToken>)Piece, 7)], workers: 3, threadsEach: 1, TestContext.Current.CancellationToken);
        Assert.Equal(7, done);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public void APieceThatFailsStopsTheOthersAndItsErrorIsThrown()
    {
        var begun = 0;
        using var isRunning = new ManualResetEventSlim();
        Action<CancellationToken>[] pieces =
        [
            stop =>
            {
                isRunning.Set();
                Assert.True(stop.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)), "it was not told to stop");
                stop.ThrowIfCancellationRequested();
            },
            _ =>
            {
                isRunning.Wait(TestContext.Current.CancellationToken);
                throw new InvalidOperationException("piece");
            },
            _ => begun++,
        ];
        Assert.Equal("piece", Assert.Throws<InvalidOperationException>(() => SideBySide.Run(pieces, workers: 2, threadsEach: 1, TestContext.Current.CancellationToken)).Message);
        Assert.Equal(0, begun);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => SideBySide.Run(pieces, workers: 2, threadsEach: 1, source.Token));
    }

    [Fact]
    public void StepsFillTheTimeWithSweepRunsAndEvaluations()
    {
        var speed = new MeasuredSpeed(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1));
        var recipe = TestComparison.Recipe with { LearningRates = [0.1, 0.2, 0.3, 0.4] }; // two seeds, four quarters, 7 evaluations each
        var steps = speed.StepsIn(recipe, 0, TimeSpan.FromSeconds(600));
        var seconds = (3 * steps * 0.1) + (2 * 7) + 4;
        Assert.InRange(seconds, 599, 600);
        Assert.Equal(0, speed.StepsIn(recipe, 0, TimeSpan.FromSeconds(10)));
        var fixedSweep = speed.StepsIn(recipe with { SweepSteps = 100 }, 0, TimeSpan.FromSeconds(600));
        Assert.InRange((2 * fixedSweep * 0.1) + (4 * 100 * 0.1) + (2 * 7) + 4, 599, 600);
        var withRouters = speed.StepsIn(recipe with { RouterSteps = 200 }, 1, TimeSpan.FromSeconds(600)); // one of two architectures: half a step of all for each
        Assert.InRange((3 * withRouters * 0.1) + (2 * 7) + 4 + (2 * ((200 * 0.1 * 0.4) + 2) / 2), 599, 600);
        var withImages = speed.StepsIn(recipe with { MeasuredImages = 50 }, 0, TimeSpan.FromSeconds(600)); // each as a step of every run, and what judges them
        Assert.InRange((3 * withImages * 0.1) + (2 * 7) + 4 + (2 * 50 * 0.1) + 45, 599, 600);
    }

    [Fact]
    public void TheLowestFiniteLossIsChosenAndAnEdgeIsTold()
    {
        static LearningRateTrial Trial(double rate, double loss) => new() { Architecture = "mot", LearningRate = rate, Steps = 1, ModalityLoss = ImmutableSortedDictionary<string, double>.Empty, Loss = loss, Chosen = false };
        var marked = LearningRateSweep.Marked([Trial(0.1, 2), Trial(0.2, 1), Trial(0.3, double.PositiveInfinity), Trial(0.4, double.NaN)]).ToList();
        Assert.Equal([false, true, false, false], marked.Select(t => t.Chosen));
        Assert.Empty(ComparisonNotes.EdgeNotes(marked));
        Assert.Contains("highest", Assert.Single(ComparisonNotes.EdgeNotes([.. marked.Take(2)])));
        Assert.Contains("lowest", Assert.Single(ComparisonNotes.EdgeNotes([.. marked.Skip(1)])));
        var lost = LearningRateSweep.Marked([Trial(0.3, double.PositiveInfinity), Trial(0.4, double.NaN)]).ToList();
        Assert.Equal([true, false], lost.Select(t => t.Chosen));
        Assert.Contains("Every learning rate that MoT tried diverged", Assert.Single(ComparisonNotes.EdgeNotes(lost)));
    }
}
