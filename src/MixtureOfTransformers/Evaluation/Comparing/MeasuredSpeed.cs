using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>How fast this machine advances all architectures together, measured as a comparison runs them.</summary>
/// <param name="PerStep">Wall-clock for one step of every architecture.</param>
/// <param name="PerValidation">Wall-clock for one validation of every architecture.</param>
internal sealed record MeasuredSpeed(TimeSpan PerStep, TimeSpan PerValidation)
{
    private const int StepsPerRound = 5;
    private const int MostWarmRounds = 4;
    private const int MostRounds = 12;
    private const double RouterStep = 0.4; // of a step of a run: a pass forward, and small routers
    private const double ImageStep = 1; // of a step of a run, for an image that is drawn and one that is described
    private const double HarmlessRate = 1e-9; // the speed is that of any rate, and at this one nothing diverges
    private static readonly TimeSpan Judge = TimeSpan.FromSeconds(45); // to train what judges images
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(6);

    /// <summary>Trains throwaway models for some seconds.</summary>
    /// <param name="plan">Gives recipe, workers and threads.</param>
    /// <param name="data">What to train on.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    public static MeasuredSpeed Measure(ComparisonPlan plan, ComparedData data, CancellationToken cancellation)
    {
        var models = new List<ComparedModel>();
        try
        {
            foreach (var architecture in plan.Recipe.Architectures)
                models.Add(data.Model(plan.RunOf(architecture, plan.Recipe.AllSeeds[0], HarmlessRate, plan.Steps)));
            Rounds(Warm, MostWarmRounds, Step); // the runtime compiles the kernels anew once they have run for a while
            Rounds(TimeSpan.Zero, 1, Validate);
            return new(Rounds(Enough, MostRounds, Step) / StepsPerRound, Rounds(TimeSpan.Zero, 1, Validate));
        }
        finally
        {
            models.ForEach(m => m.Dispose());
        }

        TimeSpan Rounds(TimeSpan enough, int most, Action<TrainingSession, CancellationToken> turn)
        {
            var start = data.Time.GetTimestamp();
            var rounds = 0;
            while (rounds == 0 || (rounds < most && data.Time.GetElapsedTime(start) < enough))
            {
                var order = RoundOrder.Of(models.Count, rounds++);
                SideBySide.Run([.. order.Select(i => (Action<CancellationToken>)(stop => turn(models[i].Session, stop)))], plan.Workers, plan.Threads, cancellation);
            }
            return data.Time.GetElapsedTime(start) / rounds;
        }

        static void Step(TrainingSession session, CancellationToken stop)
        {
            for (var i = 0; i < StepsPerRound; i++)
            {
                stop.ThrowIfCancellationRequested();
                session.Step();
            }
        }

        void Validate(TrainingSession session, CancellationToken stop) => data.Validation.Measure(session.Model, stop);
    }

    /// <summary>Steps of each run that fit a time for sweep and runs of a recipe.</summary>
    /// <param name="recipe">Seeds, rates and evaluations.</param>
    /// <param name="choosing">Architectures that get auxiliary routers.</param>
    /// <param name="left">The time.</param>
    public long StepsIn(CompareRecipe recipe, int choosing, TimeSpan left)
    {
        var (seeds, rates) = (recipe.AllSeeds.Length, recipe.SweptRates.Length);
        left -= PerValidation * ((seeds * (recipe.Evaluations + 1)) + rates);
        left -= PerStep * ((recipe.SweepSteps ?? 0) * rates);
        if (recipe.RouterSteps > 0)
            left -= ((PerStep * recipe.RouterSteps * RouterStep) + (PerValidation * 2)) * seeds * choosing / recipe.Architectures.Length;
        if (recipe.MeasuredImages > 0)
            left -= Judge + (PerStep * recipe.MeasuredImages * ImageStep * seeds);
        var runs = seeds + (recipe.SweepSteps is null ? rates / 4.0 : 0); // a sweep of a quarter each
        return PerStep > TimeSpan.Zero && left > TimeSpan.Zero ? (long)(left / PerStep / runs) : 0;
    }
}
