// Legend: N tokens of a tower without padding, D model width, E experts.
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
        try
        {
            for (var step = 0; step < options.Steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                var tally = new Tally();
                Watch(model, routers, batches.Next(), (router, x_ND, chosen_NE) => Learn(router, x_ND, chosen_NE, tally));
                BackwardFailure.ThrowIfAny();
                if (tally.Routers == 0)
                    continue; // no token of a tower with a router
                if (!double.IsFinite(tally.Loss))
                    throw new DivergedException(step + 1, $"step {step + 1} of the auxiliary routers: the loss is {tally.Loss:g4}; lower their learning_rate {options.LearningRate}");
                optimizer.Step(schedule.At(step, options.Steps), 1.0 / tally.Routers);
                progress?.Report(new(step + 1, tally.Loss / tally.Routers, tally.Agreement));
            }
            return routers;
        }
        catch
        {
            routers.Dispose();
            throw;
        }
    }

    /// <summary>The share of decisions about tokens that routers foretell; padding does not count.</summary>
    /// <param name="model">The model that they were trained for; not changed.</param>
    /// <param name="routers">The routers.</param>
    /// <param name="batches">Held-out batches, of the size of training batches where the choice is over the batch.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>0 to 1; NaN where there is nothing to decide. Saying "no" to all of E experts reaches 1 - 1/E.</returns>
    public static double Agreement(MotModel model, AuxiliaryRouters routers, IEnumerable<Batch> batches, CancellationToken cancellation = default)
    {
        var tally = new Tally();
        foreach (var batch in batches)
        {
            cancellation.ThrowIfCancellationRequested();
            Watch(model, routers, batch, (router, x_ND, chosen_NE) => tally.Count(router.call(x_ND), chosen_NE));
        }
        return tally.Agreement;
    }

    /// <summary>Shows for every router what it sees of a batch, [N, D], and what was decided among all tokens, [N, E].</summary>
    private static void Watch(MotModel model, AuxiliaryRouters routers, Batch batch, Action<AuxiliaryRouter, Tensor, Tensor> show)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var watch = new RouterWatch(model, decision =>
        {
            using var tokens = decision.Padding?.logical_not().nonzero().squeeze(1);
            Show(routers.OfLayer(decision.Layer)[decision.Tower]!, tokens is null ? decision.Inputs : decision.Inputs.index_select(0, tokens), tokens is null ? decision.Chosen : decision.Chosen.index_select(0, tokens));
        }, decision => Show(routers.DepthOfLayer(decision.Layer)!, decision.Inputs, decision.Passes.unsqueeze(1)));
        using var pass = new BatchPass(model, batch);
        pass.HiddenStates();

        void Show(AuxiliaryRouter router, Tensor x_ND, Tensor chosen_NE)
        {
            using var each = NewDisposeScope();
            if (x_ND.shape[0] > 0)
                show(router, x_ND, chosen_NE);
        }
    }

    /// <summary>Adds the gradient of one router.</summary>
    private static void Learn(AuxiliaryRouter router, Tensor x_ND, Tensor chosen_NE, Tally tally)
    {
        using var _ = enable_grad();
        var logits_NE = router.call(x_ND.detach());
        var loss = nn.functional.binary_cross_entropy_with_logits(logits_NE, chosen_NE.to(ScalarType.Float32));
        loss.backward();
        tally.Loss += loss.ToDouble();
        tally.Routers++;
        tally.Count(logits_NE, chosen_NE);
    }

    private sealed class Tally
    {
        private double _right, _decisions;

        public double Loss;
        public int Routers;

        public double Agreement => _right / _decisions;

        public void Count(Tensor logits_NE, Tensor chosen_NE)
        {
            _right += ((logits_NE > 0) == chosen_NE).sum().ToInt64();
            _decisions += chosen_NE.numel();
        }
    }
}
