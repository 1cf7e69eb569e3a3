using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Training;

/// <summary>Makes everything a recipe trains on, once: tokenizers from samples of its own training documents, then token shards. A folder holds
/// <c>tokenizers/</c> and <c>tokens/</c>; what is already there and belongs to the recipe is reused.</summary>
public static class RecipePreparation
{
    private const string OriginFile = "recipe.json";

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
        var isThere = Directory.Exists(tokenizersFolder) && Directory.EnumerateFileSystemEntries(tokenizersFolder).Any();
        using var tokenizers = isThere ? OpenTokenizers(recipe, tokenizersFolder) : TrainTokenizers(recipe, tokenizersFolder, stages, cancellation);
        var documents = DocumentTokenizer.Of(tokenizers);
        var estimate = new DataMix(recipe.Data).EstimatedCount ?? 0;
        var data = stages.Run("Tokenizing", estimate, report => DataPreparation.Run(recipe.Data, documents, Path.Combine(folder, "tokens"),
            new Report<PreparationProgress>(p => report(p.Documents, $"{p.TrainTokens + p.ValidationTokens} tokens{(p.Problems > 0 ? $", {p.Problems} skipped" : "")}")), cancellation));
        return new(data, tokenizersFolder, tokenizers.Fingerprint);
    }

    /// <summary>Opens tokenizers that an earlier preparation, or the user, put there.</summary>
    private static TokenizerSet OpenTokenizers(Recipe recipe, string folder)
    {
        var file = Path.Combine(folder, OriginFile);
        var origin = File.Exists(file) ? JsonFile.Read(file, RecipeJson.Default.TokenizerOrigin) : null;
        if (origin?.IsLike(TokenizerOrigin.Of(recipe)) == false)
            throw new MotException($"{folder} was trained from a recipe with another text_tokenizer, image_tokenizer, image_patches, image_vae or speech_tokenizer (see {file}); "
                + "choose another folder, delete this one, or put the recipe back");
        var set = TokenizerSet.Open(folder);
        try
        {
            // The VAE may be gone from where it was, for the set has its own; from another place it must be there to be compared.
            if (recipe.ImageVae?.Path is { } path && (ImageVae.IsIn(path) || path != (origin?.ImageVae?.Path ?? path)) && !HasTheVae(set, recipe))
                throw new MotException($"{folder} was made with another VAE than the one that is in {path} now; choose another folder, delete this one, or put the VAE back");
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Whether a set has the VAE that the recipe names.</summary>
    private static bool HasTheVae(TokenizerSet set, Recipe recipe)
    {
        using var vae = recipe.ImageVae!.Open(recipe.Data);
        return (set.Patches as LatentPatcher)?.Vae.Fingerprint == vae.Fingerprint;
    }

    /// <summary>Trains all tokenizers on samples of the training documents, and saves them.</summary>
    private static TokenizerSet TrainTokenizers(Recipe recipe, string folder, IStages stages, CancellationToken cancellation)
    {
        _ = recipe.ImagePatches?.GridsOf(recipe.Data, recipe.ImageVae); // a VAE that cannot be used is told of before the documents are read
        var samples = RecipeSamples.Read(recipe, stages, cancellation);
        var (hasImages, hasSpeech) = (samples.Images.Count > 0, samples.Clips.Count > 0);
        ModalityId[] modalities = [.. hasImages ? [ModalityId.Image] : Array.Empty<ModalityId>(), .. hasSpeech ? [ModalityId.Speech] : Array.Empty<ModalityId>()];
        var text = stages.Run("Training the text tokenizer", 0, _ => BytePairTrainer.Train(samples.Texts, recipe.TextTokenizer, modalities, cancellation));
        var patches = hasImages && recipe.ImagePatches is { } patching ? RecipeTokenizers.Patches(recipe, patching, samples, stages, cancellation) : null;
        var set = new TokenizerSet(text, hasImages && patches is null ? RecipeTokenizers.TrainImage(recipe, samples, stages, cancellation).Tokenizer : null,
            hasSpeech ? RecipeTokenizers.TrainSpeech(recipe, samples, stages, cancellation).Tokenizer : null, patches);
        try
        {
            AtomicFolder.Write(folder, temporary =>
            {
                set.Save(temporary);
                JsonFile.Write(Path.Combine(temporary, OriginFile), TokenizerOrigin.Of(recipe), RecipeJson.Default.TokenizerOrigin);
            });
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }
}
