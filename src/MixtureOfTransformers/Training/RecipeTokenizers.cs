using System.Globalization;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Training;

/// <summary>Trains the image and speech tokenizers of a recipe on samples of its documents.</summary>
internal static class RecipeTokenizers
{
    /// <summary>Trains the image tokenizer; the caller disposes it.</summary>
    /// <exception cref="MotException">There are no images, or the training diverged.</exception>
    public static (ImageTokenizer Tokenizer, ImageTokenizerReport Report) TrainImage(Recipe recipe, RecipeSamples samples, IStages stages, CancellationToken cancellation) =>
        stages.Run("Training the image tokenizer", 1, report =>
        {
            var progress = new Report<ImageTokenizerProgress>(p => report(p.Fraction, string.Create(CultureInfo.InvariantCulture, $"PSNR {p.PsnrDb:0.0} dB, code perplexity {p.Perplexity:0}")));
            var trained = ImageTokenizerTrainer.Train(samples.Images, samples.HeldOut, recipe.ImageTokenizer.ToConfig(recipe.Data), recipe.ImageTokenizer.Training, recipe.Seed, progress, cancellationToken: cancellation);
            report(1, Describe(trained.Report, samples));
            return trained;
        });

    /// <summary>Trains the VAE, with the settings of the recipe or the defaults where it has none; the caller disposes it.</summary>
    /// <exception cref="MotException">There are no images, or the training diverged.</exception>
    public static (ImageVae Vae, ImageVaeReport Report) TrainVae(Recipe recipe, RecipeSamples samples, IStages stages, CancellationToken cancellation)
    {
        if (recipe.ImageVae?.Path is { } path)
            throw new MotException($"image_vae: path {path} names a VAE that is trained already; leave it out to train one");
        return stages.Run("Training the VAE", 1, report =>
        {
            var progress = new Report<ImageVaeProgress>(p => report(p.Fraction, string.Create(CultureInfo.InvariantCulture, $"PSNR {p.PsnrDb:0.0} dB")));
            var vae = recipe.ImageVae ?? new();
            var trained = ImageVaeTrainer.Train(samples.Images, samples.HeldOut, vae.ToConfig(recipe.Data), vae.Training, recipe.Seed, progress, cancellationToken: cancellation);
            report(1, Describe(trained.Report, samples));
            return trained;
        });
    }

    /// <summary>What cuts images into patches; where that is latents, trains the VAE or opens the one that is named. The caller disposes it.</summary>
    public static IPatchCodec Patches(Recipe recipe, ImagePatchRecipe patches, RecipeSamples samples, IStages stages, CancellationToken cancellation) =>
        recipe.ImageVae is not { } vae ? new ImagePatcher(patches.ToConfig(recipe.Data)) : Latents(vae.Path is null ? TrainVae(recipe, samples, stages, cancellation).Vae : vae.Open(recipe.Data), patches.SizeFor(vae));

    private static LatentPatcher Latents(ImageVae vae, int size)
    {
        try
        {
            return new(vae, size);
        }
        catch
        {
            vae.Dispose();
            throw;
        }
    }

    /// <summary>Trains the speech tokenizer; the caller disposes it.</summary>
    /// <exception cref="MotException">There is no speech, or the training diverged.</exception>
    public static (SpeechTokenizer Tokenizer, SpeechTokenizerReport Report) TrainSpeech(Recipe recipe, RecipeSamples samples, IStages stages, CancellationToken cancellation) =>
        stages.Run("Training the speech tokenizer", 1, report =>
        {
            var progress = new Report<SpeechTokenizerProgress>(p => report(p.Fraction, Describe(p)));
            var trained = SpeechTokenizerTrainer.Train(samples.Clips, samples.HeldOutClips, recipe.SpeechTokenizer.ToConfig(recipe.Data), recipe.SpeechTokenizer.Training, recipe.Seed, progress, cancellationToken: cancellation);
            report(1, Describe(trained.Report, samples));
            return trained;
        });

    private static string Describe(SpeechTokenizerProgress progress) => progress.Stage switch
    {
        SpeechTokenizerStage.MaskedPrediction => string.Create(CultureInfo.InvariantCulture, $"masked prediction, loss {progress.Loss:0.00}"),
        SpeechTokenizerStage.Vocoder => string.Create(CultureInfo.InvariantCulture, $"vocoder, log-spectral error {progress.ErrorDb:0.0} dB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"log-mel error {progress.ErrorDb:0.0} dB, code perplexity {progress.Perplexity:0}"),
    };

    /// <summary>A report in a line.</summary>
    public static string Describe(ImageTokenizerReport report, RecipeSamples samples) => string.Create(CultureInfo.InvariantCulture,
        $"{report.ImageCount} {samples.HeldOutName} images: PSNR {report.PsnrDb:0.0} dB, SSIM {report.Ssim:0.000}, {report.CodesUsed} codes in use ({report.CodebookUse:0%}), perplexity {report.Perplexity:0}");

    /// <summary>A report in a line.</summary>
    public static string Describe(ImageVaeReport report, RecipeSamples samples) => string.Create(CultureInfo.InvariantCulture,
        $"{report.ImageCount} {samples.HeldOutName} images as {report.NumbersPerImage} numbers each: PSNR {report.PsnrDb:0.0} dB, SSIM {report.Ssim:0.000}; "
        + $"latents of deviation {1 / report.LatentScale.Scale:0.00} around {report.LatentScale.Shift:0.00}");

    /// <summary>A report in a line.</summary>
    public static string Describe(SpeechTokenizerReport report, RecipeSamples samples) => string.Create(CultureInfo.InvariantCulture,
        $"{report.ClipCount} {samples.HeldOutClipsName} recordings, {report.Seconds:0} s: log-mel error {report.LogMelErrorDb:0.0} dB, mel-cepstral distortion {report.MelCepstralDistortionDb:0.0} dB"
        + $"{(report.GriffinLimDistortionDb is { } other ? string.Create(CultureInfo.InvariantCulture, $" (by Griffin-Lim {other:0.0} dB)") : "")}, "
        + $"{report.CodesUsed} codes in use ({report.CodebookUse:0%}), perplexity {report.Perplexity:0}");
}
