// Legend: B rows, T tokens, N tokens of a tower, D model width, E experts.
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Kernels;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using TorchSharp;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Training;

/// <summary>Trains auxiliary routers to foretell, token by token, what the experts of a finished model choose among whole batches, and which tokens pass its layers of <see cref="MixtureOfDepths"/> (MoMa §2.4): binary cross-entropy against
/// their decisions. The model stays as it is.</summary>
public static class RouterTraining
{
    private const double WarmupShare = 0.2, LastShare = 0.01;

    /// <summary>Trains.</summary>
    /// <param name="model">A model with experts or layers that tokens skip; not changed.</param>
    /// <param name="batches">Training data.</param>
    /// <param name="options">How long and how fast.</param>
    /// <param name="seed">Of the first weights.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <returns>The routers, not yet used by the model; the caller disposes them.</returns>
    /// <exception cref="MotException">The model has neither, or the loss is not finite.</exception>
    public static AuxiliaryRouters Train(MotModel model, IBatchSource batches, RouterTrainingOptions options, long seed, IProgress<RouterProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!model.Config.ChoosesAmongTokens)
            throw new MotException("the model has no experts that choose tokens and no layers that tokens skip, and needs no auxiliary routers: it is causal as it is");
        options.Validate();
        using var generator = new Generator((ulong)seed);
        var routers = AuxiliaryRouters.Create(model.Config, model.Device, generator);
        using var parameters = new FlatParameters(routers);
        using var optimizer = new AdamW(parameters, new());
        var schedule = new LearningRateSchedule(ScheduleKind.Linear, options.LearningRate, options.LearningRate * LastShare, options.Steps * WarmupShare);
        var (observer, depthObserver, routing) = (model.ExpertObserver, model.DepthObserver, model.ExpertRouting);
        model.ExpertRouting = ExpertRouting.ExpertChoice;
        try
        {
            for (var step = 0; step < options.Steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                var tally = new Tally();
                model.ExpertObserver = decision => Learn(routers.OfLayer(decision.Layer)[decision.Tower]!, decision.Inputs, decision.Chosen, tally);
                model.DepthObserver = decision => Learn(routers.DepthOfLayer(decision.Layer)!, decision.Inputs, decision.Passes.unsqueeze(1), tally);
                Run(model, batches.Next());
                BackwardFailure.ThrowIfAny();
                if (tally.Routers == 0)
                    continue; // no token of a tower with a router
                if (!double.IsFinite(tally.Loss))
                    throw new DivergedException(step + 1, $"step {step + 1} of the auxiliary routers: the loss is {tally.Loss:g4}; lower their learning_rate {options.LearningRate}");
                optimizer.Step(schedule.At(step, options.Steps), 1.0 / tally.Routers);
                progress?.Report(new(step + 1, tally.Loss / tally.Routers, tally.Right / tally.Decisions));
            }
            return routers;
        }
        catch
        {
            routers.Dispose();
            throw;
        }
        finally
        {
            (model.ExpertObserver, model.DepthObserver, model.ExpertRouting) = (observer, depthObserver, routing);
        }
    }

    /// <summary>A forward pass for what the observer sees of it.</summary>
    private static void Run(MotModel model, Batch batch)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var routing = model.Route(batch.Modalities);
        using var context = new AttentionContext(model.Config, batch.RowCount, batch.Length, model.Device, model.ComputeType, segments: batch.Segments);
        model.HiddenStates(tensor(batch.Inputs, [batch.RowCount, batch.Length], device: model.Device), routing, context);
    }

    /// <summary>Adds the gradient of one router.</summary>
    private static void Learn(AuxiliaryRouter router, Tensor x_ND, Tensor chosen_NE, Tally tally)
    {
        if (x_ND.shape[0] == 0)
            return;
        using var scope = NewDisposeScope();
        using var _ = enable_grad();
        var logits_NE = router.call(x_ND.detach());
        var loss = nn.functional.binary_cross_entropy_with_logits(logits_NE, chosen_NE.to(ScalarType.Float32));
        loss.backward();
        tally.Loss += loss.ToDouble();
        tally.Right += ((logits_NE > 0) == chosen_NE).sum().ToInt64();
        tally.Decisions += chosen_NE.numel();
        tally.Routers++;
    }

    private sealed class Tally
    {
        public double Loss, Right, Decisions;
        public int Routers;
    }
}
