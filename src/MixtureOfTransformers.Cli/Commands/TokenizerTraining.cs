using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot tokenizer train-image</c>, <c>train-vae</c> and <c>train-speech</c>: a tokenizer alone, from a recipe.</summary>
internal static class TokenizerTraining
{
    private const int ReconstructedImages = 12;

    public static MotCommand Image(CliConsole console) => Create(console, "train-image", "Train the VQ-VAE image tokenizer of a recipe on its images",
        new("mot tokenizer train-image recipes/scenes.json --out tokenizers/image", "reports PSNR and codebook use on held-out images"),
        (recipe, samples, stages, folder, cancellation) =>
        {
            var (tokenizer, report) = RecipeTokenizers.TrainImage(recipe, samples, stages, cancellation);
            using (tokenizer)
            {
                tokenizer.Save(folder);
                WriteReconstructions(folder, samples, images => tokenizer.Decode(tokenizer.Encode(images)));
            }
            return (report, RecipeTokenizers.Describe(report, samples));
        }, TokenizersJson.Default.ImageTokenizerReport);

    public static MotCommand Vae(CliConsole console) => Create(console, "train-vae", "Train the KL-VAE of a recipe on its images, whose latents are denoised",
        new("mot tokenizer train-vae recipes/openmoji-latents.json --path openmoji=DIR --out tokenizers/vae", "reports PSNR and SSIM on held-out images"),
        (recipe, samples, stages, folder, cancellation) =>
        {
            var (vae, report) = RecipeTokenizers.TrainVae(recipe, samples, stages, cancellation);
            using (vae)
            {
                vae.Save(folder);
                WriteReconstructions(folder, samples, images => vae.Decode(vae.Encode(images)));
            }
            return (report, RecipeTokenizers.Describe(report, samples));
        }, TokenizersJson.Default.ImageVaeReport);

    public static MotCommand Speech(CliConsole console) => Create(console, "train-speech", "Train the VQ-VAE speech tokenizer of a recipe on its recordings",
        new("mot tokenizer train-speech recipes/fsdd.json --path fsdd=~/fsdd --out tokenizers/speech", "reports log-mel error and codebook use on held-out recordings"),
        (recipe, samples, stages, folder, cancellation) =>
        {
            if (samples.Clips.Count == 0)
                throw new MotException($"the data of {recipe.Name} hold no speech; name a source of recordings, such as captioned_speech");
            var (tokenizer, report) = RecipeTokenizers.TrainSpeech(recipe, samples, stages, cancellation);
            using (tokenizer)
                tokenizer.Save(folder);
            return (report, RecipeTokenizers.Describe(report, samples));
        }, TokenizersJson.Default.SpeechTokenizerReport);

    /// <summary>Held-out images from all of them in one row, and below each what is left of it.</summary>
    private static void WriteReconstructions(string folder, RecipeSamples samples, Func<IReadOnlyList<PixelImage>, IReadOnlyList<PixelImage>> thereAndBack)
    {
        var interval = Math.Max(1, samples.HeldOut.Count / ReconstructedImages);
        PixelImage[] shown = [.. samples.HeldOut.Where((_, i) => i % interval == 0).Take(ReconstructedImages)];
        ImageCodec.WritePng(Path.Combine(folder, "reconstructions.png"), ImageGrid.Tile([.. shown, .. thereAndBack(shown)], shown.Length, scale: 3));
    }

    private static MotCommand Create<TReport>(CliConsole console, string name, string description, CommandExample example,
        Func<Recipe, RecipeSamples, IStages, string, CancellationToken, (TReport Report, string Line)> train, JsonTypeInfo<TReport> type)
    {
        var recipe = new RecipeOptions();
        var output = new Option<string>("--out") { Description = "Folder for the tokenizer", Required = true };
        var json = CommonOptions.Json();
        var command = new MotCommand(name, description) { Options = { output, json }, Examples = [example] };
        recipe.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            NativeRuntime.EnsureLoaded();
            var chosen = recipe.Read(parsed);
            var stages = new ConsoleStages(console.Progress(parsed.GetValue(json)));
            var (report, line) = train(chosen, RecipeSamples.Read(chosen, stages, cancellation), stages, parsed.GetValue(output)!, cancellation);
            if (parsed.GetValue(json))
                console.WriteJson(report, type);
            else
                console.Output.WriteLine(line);
            return ExitCode.Success;
        });
    }
}
