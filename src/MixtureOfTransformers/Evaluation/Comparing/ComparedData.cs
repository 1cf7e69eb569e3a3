using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Training;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What all runs of a comparison share: data, validation, device, clock.</summary>
/// <param name="Prepared">Tokens and tokenizers; stays the caller's.</param>
/// <param name="Validation">Held-out batches.</param>
/// <param name="Device">Where to train.</param>
/// <param name="Time">The clock.</param>
internal sealed record ComparedData(PreparedRecipe Prepared, Validation Validation, Device Device, TimeProvider Time)
{
    /// <summary>Opens the data for a recipe.</summary>
    public static ComparedData Of(PreparedRecipe prepared, TrainingRecipe training, Device device, TimeProvider time)
    {
        var batches = prepared.Data.ValidationBatches(training.BatchRows, training.SequenceLength, training.ValidationBatches).ToList();
        Validation.ThrowIfEmpty(batches);
        return new(prepared, new Validation(batches), device, time);
    }

    /// <summary>A new model in training; the caller disposes it.</summary>
    public ComparedModel Model(Recipe recipe)
    {
        var model = recipe.Model.Build(Prepared.Data.Vocabulary, recipe.Training, recipe.Seed, Device);
        return new(new(model, recipe.Training, new PackedStream(Prepared.Data.Train, recipe.Training.BatchRows, recipe.Training.SequenceLength, recipe.Seed), Time, recipe.Seed));
    }
}
