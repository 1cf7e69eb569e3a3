using System.Globalization;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>Makes everything a recipe trains on, once: tokenizers from samples of its own training documents, then token shards. A folder holds
/// <c>tokenizers/</c> and <c>tokens/</c>; what is already there and belongs to the recipe is reused.</summary>
public static class RecipePreparation
{
    /// <summary>Prepares <paramref name="folder"/>.</summary>
    /// <param name="recipe">Data and tokenizers; the model plays no part.</param>
    /// <param name="folder">Where it all goes.</param>
    /// <param name="stages">A display.</param>
    /// <param name="cancellation">Stops between documents or steps; finished parts stay.</param>
    /// <returns>The open data; the caller disposes it.</returns>
    /// <exception cref="MotException">The folder holds something else, or the documents cannot be used.</exception>
    public static PreparedRecipe Run(Recipe recipe, string folder, IStages stages, CancellationToken cancellation = default)
    {
        var tokenizersFolder = Path.Combine(folder, "tokenizers");
        using var tokenizers = Directory.Exists(tokenizersFolder) ? TokenizerSet.Open(tokenizersFolder) : TrainTokenizers(recipe, tokenizersFolder, stages, cancellation);
        var documents = DocumentTokenizer.Of(tokenizers);
        var estimate = new DataMix(recipe.Data).EstimatedCount ?? 0;
        var data = stages.Run("Tokenizing", estimate, report => DataPreparation.Run(recipe.Data, documents, Path.Combine(folder, "tokens"),
            new Report<PreparationProgress>(p => report(p.Documents, $"{p.TrainTokens + p.ValidationTokens} tokens{(p.Problems > 0 ? $", {p.Problems} skipped" : "")}")), cancellation));
        return new(data, tokenizersFolder, tokenizers.Fingerprint);
    }

    /// <summary>Trains both tokenizers on samples of the training documents, and saves them.</summary>
    private static TokenizerSet TrainTokenizers(Recipe recipe, string folder, IStages stages, CancellationToken cancellation)
    {
        var (texts, images, heldOut) = RecipeSamples.Read(recipe, stages, cancellation);
        var modalities = images.Count > 0 ? (ModalityId[])[ModalityId.Image] : [];
        var text = stages.Run("Training the text tokenizer", 0, _ => BytePairTrainer.Train(texts, recipe.TextTokenizer, modalities, cancellation));
        var set = new TokenizerSet(text, images.Count > 0 ? TrainImageTokenizer(recipe, images, heldOut, stages, cancellation) : null);
        try
        {
            set.Save(folder);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    private static ImageTokenizer TrainImageTokenizer(Recipe recipe, IReadOnlyList<PixelImage> images, IReadOnlyList<PixelImage> heldOut, IStages stages, CancellationToken cancellation) =>
        stages.Run("Training the image tokenizer", 1, report =>
        {
            var progress = new Report<ImageTokenizerProgress>(p => report(p.Fraction, string.Create(CultureInfo.InvariantCulture, $"PSNR {p.PsnrDb:0.0} dB, code perplexity {p.Perplexity:0}")));
            var (tokenizer, quality) = ImageTokenizerTrainer.Train(images, heldOut, recipe.ImageTokenizer.ToConfig(recipe.Data), recipe.ImageTokenizer.Training, recipe.Seed, progress, cancellationToken: cancellation);
            report(1, string.Create(CultureInfo.InvariantCulture, $"held-out images: PSNR {quality.PsnrDb:0.0} dB, {quality.CodesUsed} codes in use, perplexity {quality.Perplexity:0}"));
            return tokenizer;
        });
}
