using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;

namespace MixtureOfTransformers.Objectives;

/// <summary>What a model is trained to do. A loss is a sum over targets of each modality, so that micro-batches and ranks add up exactly.</summary>
public interface IObjective
{
    /// <summary>Targets of a batch by modality index.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch.</param>
    long[] Count(MotModel model, Batch batch);

    /// <summary>Runs the model on a batch.</summary>
    /// <param name="model">The model; called with gradients on or off as the caller has set.</param>
    /// <param name="batch">Host arrays; moved to the model's device here.</param>
    /// <param name="counts">Targets of the whole step by modality index: <see cref="LossSums.Total"/> is this batch's share of the step's mean.</param>
    /// <param name="seed">Decides what is drawn at random, if anything is.</param>
    /// <returns>Sums, owned by the caller's scope.</returns>
    LossSums Compute(MotModel model, Batch batch, IReadOnlyList<long> counts, long seed);

    /// <summary>The number that is minimised, without a z-loss.</summary>
    /// <param name="sums">Losses summed by modality index.</param>
    /// <param name="counts">Their targets.</param>
    double Mean(IReadOnlyList<double> sums, IReadOnlyList<long> counts);
}
