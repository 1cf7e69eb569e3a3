using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What the finished runs lose where each token is routed by itself, as in generation (MoMa §2.4): auxiliary routers are trained for each run that chooses among all tokens, and kept
/// beside its checkpoint; the loss with them, or why there is none, is kept as <c>causal.json</c>.</summary>
/// <param name="plan">What to do.</param>
/// <param name="folder">Of the comparison.</param>
/// <param name="data">What was trained on.</param>
/// <param name="options">Where and how.</param>
internal sealed class CausalRuns(ComparisonPlan plan, string folder, ComparedData data, ComparisonOptions options)
{
    private const string FileName = "causal.json";

    /// <summary>The result in the folder of a run; null where there is none.</summary>
    public static CausalResult? Read(string run) => File.Exists(Path.Combine(run, FileName)) ? JsonFile.Read(Path.Combine(run, FileName), CompareJson.Default.CausalResult).Checked() : null;

    /// <summary>Does what is left to do.</summary>
    /// <exception cref="MotException">Another process has a run.</exception>
    public void Measure(CancellationToken cancellation)
    {
        string[] left =
        [
            .. from seed in plan.Recipe.AllSeeds
               from architecture in plan.Recipe.Choosing(data.Prepared.Data.Vocabulary)
               let run = Comparison.RunPath(folder, seed, architecture.Name)
               where DivergenceFile.Read(run) is null && Read(run) is null
               select run
        ];
        if (plan.Recipe.RouterSteps == 0 || left.Length == 0)
            return;
        options.Stages.Run("Training routers for causal inference", left.Length * plan.Recipe.RouterSteps, report =>
        {
            var (gate, steps) = (new Lock(), 0);
            var progress = new Report<RouterProgress>(step =>
            {
                lock (gate)
                    report(++steps, null);
            });
            SideBySide.Run([.. left.Select(run => (Action<CancellationToken>)(stop => Measure(run, progress, stop)))], plan.Workers, plan.Threads, cancellation);
            return true;
        });
    }

    private void Measure(string path, IProgress<RouterProgress> progress, CancellationToken cancellation)
    {
        var run = RunFolder.Open(path);
        using var taken = run.Lock();
        CausalResult result;
        try
        {
            result = Measured(run, progress, cancellation);
        }
        catch (DivergedException error)
        {
            result = new(Problem: error.Message);
        }
        JsonFile.Write(Path.Combine(path, FileName), result, CompareJson.Default.CausalResult);
    }

    private CausalResult Measured(RunFolder run, IProgress<RouterProgress> progress, CancellationToken cancellation)
    {
        var checkpoint = run.Checkpoints.Open();
        checkpoint.RequireTokenizers(data.Prepared.Fingerprint);
        var (seed, training) = (run.Recipe.Seed, run.Recipe.Training);
        using var model = checkpoint.LoadModel(options.Device, training.ComputeScalarType);
        using var routers = RouterTraining.Train(model, new PackedStream(data.Prepared.Data.Train, training.BatchRows, training.SequenceLength, seed), new() { Steps = plan.Recipe.RouterSteps }, seed, progress, cancellation);
        var agreement = RouterTraining.Agreement(model, routers, data.Validation.Batches, cancellation);
        model.UseRouters(routers);
        model.ExpertRouting = ExpertRouting.Auxiliary;
        var loss = data.Validation.Measure(model, cancellation);
        var result = new CausalResult(agreement, loss.ModalityLoss.ToImmutableSortedDictionary()).Checked();
        if (result.Problem is null)
            run.Routers.Save(checkpoint, routers);
        return result;
    }
}
