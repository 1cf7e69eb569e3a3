using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>A comparison of architectures that share data, shape, batch, schedule and tuning: what to train, how often, and for how long. Read from
/// <c>recipes/compare/*.json</c> and <c>recipes/paper/*.json</c> by <see cref="CompareRecipeFile"/>.</summary>
public sealed partial record CompareRecipe
{
    private const int FewestEvaluations = 4;

    /// <summary>What all share. Its seed is that of the tokenizers; its steps are those of each run.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>What is compared, at least one.</summary>
    public required ImmutableArray<ComparedArchitecture> Architectures { get; init; }

    /// <summary>Name of the one that the others are compared with.</summary><value>The first.</value>
    public string? Baseline { get; init; }

    /// <summary>Seeds of weights and data order; every architecture is trained with each.</summary><value>The recipe's.</value>
    public ImmutableArray<long> Seeds { get; init; } = [];

    /// <summary>Peak learning rates that every architecture tries in short runs, to be trained with its best.</summary><value>None: the recipe's rate for all.</value>
    public ImmutableArray<double> LearningRates { get; init; } = [];

    /// <summary>Steps of each of those short runs.</summary><value>A quarter of a run.</value>
    public long? SweepSteps { get; init; }

    /// <summary>Seed of those short runs.</summary><value>The first of the seeds.</value>
    public long? SweepSeed { get; init; }

    /// <summary>Validations of each run after the one before its first step: a third of them close together at the start, the rest evenly spread.</summary><value>24.</value>
    public int Evaluations { get; init; } = 24;

    /// <summary>Minutes for everything, in place of steps: the speed is measured once at the beginning, and the steps that follow from it stay.</summary>
    public double? Minutes { get; init; }

    /// <summary>Held-out captions that every architecture of the first seed draws, and images that it describes.</summary><value>4.</value>
    public int Samples { get; init; } = 4;

    /// <summary>Held-out captions that every run draws and images that it describes, to measure them (<see cref="ImageQuality"/>); fewer where there are fewer, 0 for none.</summary><value>0.</value>
    public int MeasuredImages { get; init; }

    /// <summary>Steps of the auxiliary routers that are trained after each run whose experts or gates choose among tokens, to measure its loss where each token is routed by itself; 0 for none.</summary><value>600.</value>
    public int RouterSteps { get; init; } = new RouterTrainingOptions().Steps;

    /// <summary>The name of the baseline, given or not.</summary>
    internal string BaselineName => Baseline ?? Architectures[0].Name;

    /// <summary>The seeds, given or not.</summary>
    internal ImmutableArray<long> AllSeeds => Seeds.IsEmpty ? [Recipe.Seed] : Seeds;

    /// <summary>The rates of the sweep; none where there is nothing to choose from.</summary>
    internal ImmutableArray<double> SweptRates => LearningRates.Length > 1 ? LearningRates : [];

    /// <summary>The rate of what is not swept.</summary>
    internal double PlainRate => LearningRates.Length == 1 ? LearningRates[0] : Recipe.Training.LearningRate;

    /// <summary>The architectures whose experts or gates choose among tokens.</summary>
    internal ImmutableArray<ComparedArchitecture> Choosing(Vocabulary vocabulary) =>
        [.. Architectures.Where(a => a.Of(Recipe.Model).ToConfig(vocabulary, Recipe.Training.SequenceLength).ChoosesAmongTokens)];

    /// <summary>This recipe, checked.</summary>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both.</exception>
    public CompareRecipe Validate()
    {
        Recipe.Validate();
        Require(!Architectures.IsDefaultOrEmpty, "architectures must name at least one, for instance [\"dense\", \"mot\"]");
        foreach (var architecture in Architectures)
        {
            Require(IsFolderName(architecture.Name), $"the architecture name '{architecture.Name}' must be made of letters, digits, '-', '_' and '.', as it names a folder");
            architecture.Of(Recipe.Model).Validate();
        }
        Require(Twice(Architectures.Select(a => a.Name)) is null, $"two architectures are called '{Twice(Architectures.Select(a => a.Name))}'; give one of them another name");
        Require(Architectures.Any(a => a.Name == BaselineName), $"baseline '{BaselineName}' is not among the architectures {string.Join(", ", Architectures.Select(a => a.Name))}");
        Require(Seeds.All(s => s >= 0) && SweepSeed is not < 0, $"seeds [{string.Join(", ", Seeds)}] and sweep_seed {SweepSeed} must not be negative");
        Require(Twice(Seeds) is null, $"seed {Twice(Seeds)} is given twice");
        Require(LearningRates.All(r => r > 0 && double.IsFinite(r)) && Twice(LearningRates) is null, $"learning_rates [{string.Join(", ", LearningRates)}] must be finite, positive and differ");
        Require(SweepSteps is not < 1, $"sweep_steps {SweepSteps} must be at least 1");
        Require(Evaluations >= FewestEvaluations, $"evaluations {Evaluations} must be at least {FewestEvaluations}");
        Require(RouterSteps >= 0, $"router_steps {RouterSteps} must not be negative");
        Require(Samples >= 0, $"samples {Samples} must not be negative");
        Require(MeasuredImages is 0 or >= 2, $"measured_images {MeasuredImages} must be 0 or at least 2");
        Require(Recipe.Training.Minutes is null, "training.minutes would give every architecture another number of steps; give minutes beside recipe, for the whole comparison");
        Require(Minutes is null or > 0, $"minutes {Minutes} must be positive");
        Require(Minutes is null || Recipe.Training.Steps is null, $"minutes {Minutes} and training.steps {Recipe.Training.Steps} are both given; give one of them");
        if (Minutes is null)
            RequireWarmup(Recipe.Training.TotalSteps!.Value);
        return this;
    }

    /// <summary>Steps of each short run of the sweep; 0 without one.</summary>
    /// <param name="steps">Steps of a run.</param>
    internal long SweepStepsOf(long steps) => SweptRates.IsEmpty ? 0 : SweepSteps ?? Math.Max(1, steps / 4);

    /// <param name="steps">Steps of a run.</param>
    /// <exception cref="ConfigException">The shortest run, of the sweep or not, is no longer than the warm-up.</exception>
    internal void RequireWarmup(long steps)
    {
        var shortest = SweptRates.IsEmpty ? steps : Math.Min(SweepStepsOf(steps), steps);
        Require(!(Recipe.Training.WarmupSteps >= shortest), $"warmup_steps {Recipe.Training.WarmupSteps} must be below the {shortest} steps of the shortest run; raise {(Minutes is null ? "steps or sweep_steps" : "minutes")}, or lower it");
    }

    /// <summary>Whether a name can be that of a folder on every system.</summary>
    internal static bool IsFolderName(string? name) => name is not null && FolderName().IsMatch(name);

    private static string? Twice<T>(IEnumerable<T> items) => items.GroupBy(i => i).Where(g => g.Count() > 1).Select(g => $"{g.Key}").FirstOrDefault();

    private static void Require(bool condition, string problem)
    {
        if (!condition)
            throw new ConfigException(problem);
    }

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]*$")]
    private static partial Regex FolderName();
}
