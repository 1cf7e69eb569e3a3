using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Tokenizers.Speech;
using MixtureOfTransformers.Training;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot tokenizer train-speech</c>.</summary>
internal static class TokenizerTrainSpeech
{
    public static MotCommand Create(CliConsole console)
    {
        var recipe = new RecipeOptions();
        var output = new Option<string>("--out") { Description = "Folder for the tokenizer", Required = true };
        var json = CommonOptions.Json();
        var command = new MotCommand("train-speech", "Train the VQ-VAE speech tokenizer of a recipe on its recordings")
        {
            Options = { output, json },
            Examples = [new("mot tokenizer train-speech recipes/fsdd.json --path fsdd=~/fsdd --out tokenizers/speech", "reports log-mel error and codebook use on held-out recordings")],
        };
        recipe.AddTo(command);
        return command.Does((parsed, cancellation) =>
        {
            NativeRuntime.EnsureLoaded();
            var chosen = recipe.Read(parsed);
            var progress = console.Progress(parsed.GetValue(json));
            var samples = RecipeSamples.Read(chosen, new ConsoleStages(progress), cancellation);
            if (samples.Clips.Count == 0)
                throw new MotException($"the data of {chosen.Name} hold no speech; name a source of recordings, such as captioned_speech");
            var (tokenizer, report) = progress.Run("Training the speech tokenizer", 1, stage => SpeechTokenizerTrainer.Train(samples.Clips, samples.HeldOutClips,
                chosen.SpeechTokenizer.ToConfig(chosen.Data), chosen.SpeechTokenizer.Training, chosen.Seed,
                new Report<SpeechTokenizerProgress>(p => stage.Report(p.Fraction, string.Create(CultureInfo.InvariantCulture, $"log-mel error {p.LogMelErrorDb:0.0} dB"))), console.Time, cancellation));
            using (tokenizer)
                tokenizer.Save(parsed.GetValue(output)!);
            if (parsed.GetValue(json))
                console.WriteJson(report, TokenizersJson.Default.SpeechTokenizerReport);
            else
                console.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{report.ClipCount} {samples.HeldOutClipsName} recordings, {report.Seconds:0} s: log-mel error {report.LogMelErrorDb:0.0} dB, mel-cepstral distortion {report.MelCepstralDistortionDb:0.0} dB, {report.CodesUsed} codes in use ({report.CodebookUse:0%}), perplexity {report.Perplexity:0}"));
            return ExitCode.Success;
        });
    }
}
