using System.CommandLine;
using System.Globalization;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Data.Audio;
using MixtureOfTransformers.Runtime;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Cli.Commands;

/// <summary><c>mot tokenizer</c>: trains and applies the tokenizers by themselves.</summary>
internal static class TokenizerCommand
{
    public static Command Create(CliConsole console) =>
        new("tokenizer", "Train or apply text, image and speech tokenizers")
        {
            Subcommands = { TrainText(console), TokenizerTraining.Image(console), TokenizerTraining.Vae(console), TokenizerTraining.Speech(console), Encode(console), Decode(console) },
        };

    private static MotCommand TrainText(CliConsole console)
    {
        var files = new Argument<string[]>("files") { Description = "Text files", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out") { Description = "Folder for tokenizer.json", Required = true };
        var size = new Option<int>("--vocabulary-size") { Description = "Ids, with special tokens and bytes", DefaultValueFactory = _ => 4096 };
        return new MotCommand("train-text", "Train a byte-level BPE tokenizer; saved in the Hugging Face layout")
        {
            Arguments = { files },
            Options = { output, size },
            Examples = [new("mot tokenizer train-text corpus.txt --vocabulary-size 8000 --out tokenizers/text", "reads corpus.txt")],
        }.Does((parsed, cancellation) =>
        {
            var options = Options(parsed.GetValue(size));
            var tokenizer = console.Progress().Run("Training the text tokenizer", 0, _ =>
                BytePairTrainer.Train(parsed.GetValue(files)!.Select(ReadText), options, [ModalityId.Image, ModalityId.Speech], cancellation));
            tokenizer.Save(parsed.GetValue(output)!);
            console.Output.WriteLine($"{tokenizer.Count} ids in {Path.Combine(parsed.GetValue(output)!, "tokenizer.json")}");
            return ExitCode.Success;
        });
    }

    private static MotCommand Encode(CliConsole console)
    {
        var folder = new Argument<string>("tokenizer") { Description = "Folder of a text, image or speech tokenizer, or of a VAE" };
        var input = new Argument<string>("input") { Description = "A text, image or sound file" };
        var output = new Option<string?>("--out") { Description = "Safetensors file for the latents of a VAE" };
        return new MotCommand("encode", "Print the token ids of a file, or write the latents of an image")
        {
            Arguments = { folder, input },
            Options = { output },
            Examples =
            [
                new("mot tokenizer encode tokenizers/text poem.txt", "ids, separated by spaces"),
                new("mot tokenizer encode tokenizers/image cat.png > cat.ids", "codes, row by row"),
                new("mot tokenizer encode tokenizers/speech seven.wav > seven.ids", "25 codes a second"),
                new("mot tokenizer encode tokenizers/vae cat.png --out cat.safetensors", "latents of mean 0 and variance 1 over the training images"),
            ],
        }.Does((parsed, _) =>
        {
            if (ImageVae.IsIn(parsed.GetValue(folder)!))
            {
                var latents = Outside(parsed.GetValue(folder)!, parsed.GetValue(output), "a VAE encodes to a file: say which with --out latents.safetensors");
                NativeRuntime.EnsureLoaded();
                using var vae = ImageVae.Load(parsed.GetValue(folder)!);
                LatentsFile.Encode(vae, parsed.GetValue(input)!, latents);
                return ExitCode.Success;
            }
            if (parsed.GetValue(output) is not null)
                throw new UsageException("--out: ids are printed; only the latents of a VAE go to a file");
            console.Output.WriteLine(string.Join(' ', Ids(parsed.GetValue(folder)!, parsed.GetValue(input)!)));
            return ExitCode.Success;
        });
    }

    private static MotCommand Decode(CliConsole console)
    {
        var folder = new Argument<string>("tokenizer") { Description = "Folder of a text, image or speech tokenizer, or of a VAE" };
        var input = new Argument<string>("ids") { Description = "A file of ids, separated by spaces, or of latents" };
        var output = new Option<string?>("--out") { Description = "PNG or WAV file, for an image or speech tokenizer or a VAE" };
        return new MotCommand("decode", "Turn token ids back into text, a PNG or a WAV, or latents into a PNG")
        {
            Arguments = { folder, input },
            Options = { output },
            Examples =
            [
                new("mot tokenizer decode tokenizers/image cat.ids --out cat.png", "what the codes keep of the image"),
                new("mot tokenizer decode tokenizers/speech seven.ids --out seven.wav", "what they keep of the sound"),
                new("mot tokenizer decode tokenizers/vae cat.safetensors --out cat.png", "what latents keep"),
            ],
        }.Does((parsed, _) =>
        {
            if (ImageVae.IsIn(parsed.GetValue(folder)!))
            {
                var png = Outside(parsed.GetValue(folder)!, parsed.GetValue(output), "a VAE decodes to a file: say which with --out image.png");
                NativeRuntime.EnsureLoaded();
                using var vae = ImageVae.Load(parsed.GetValue(folder)!);
                ImageCodec.WritePng(png, LatentsFile.Decode(vae, parsed.GetValue(input)!));
                return ExitCode.Success;
            }
            var ids = ReadText(parsed.GetValue(input)!).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(ParseId).ToArray();
            if (IsText(parsed.GetValue(folder)!))
            {
                console.Output.WriteLine(TextTokenizer.Load(parsed.GetValue(folder)!).Decode(ids));
                return ExitCode.Success;
            }
            NativeRuntime.EnsureLoaded();
            if (IsSpeech(parsed.GetValue(folder)!))
            {
                var wav = Outside(parsed.GetValue(folder)!, parsed.GetValue(output), "a speech tokenizer decodes to a file: say which with --out sound.wav");
                using var speech = SpeechTokenizer.Load(parsed.GetValue(folder)!);
                WavFile.Write(wav, speech.SampleRate, speech.DecodeBlocks(ids), speech.CountSamples(ids));
                return ExitCode.Success;
            }
            var image = Outside(parsed.GetValue(folder)!, parsed.GetValue(output), "an image tokenizer decodes to a file: say which with --out image.png");
            using var tokenizer = ImageTokenizer.Load(parsed.GetValue(folder)!);
            ImageCodec.WritePng(image, tokenizer.Decode(ids));
            return ExitCode.Success;
        });
    }

    private static TextTokenizerOptions Options(int vocabularySize)
    {
        try
        {
            return new TextTokenizerOptions { VocabularySize = vocabularySize }.Validate();
        }
        catch (ConfigException error)
        {
            throw new UsageException(error.Message.Replace("vocabulary_size", "--vocabulary-size", StringComparison.Ordinal));
        }
    }

    private static int[] Ids(string folder, string input)
    {
        if (IsText(folder))
            return TextTokenizer.Load(folder).Encode(ReadText(input));
        NativeRuntime.EnsureLoaded();
        if (IsSpeech(folder))
        {
            using var speech = SpeechTokenizer.Load(folder);
            return speech.EncodeFile(input);
        }
        using var tokenizer = ImageTokenizer.Load(folder);
        return tokenizer.Encode(ImageFile.Read(input, [new(tokenizer.Config.ImageWidth, tokenizer.Config.ImageHeight)], tokenizer.Config.Channels));
    }

    /// <summary>The file for what is made, which must not lie among the tokenizer's own.</summary>
    private static string Outside(string folder, string? output, string missing)
    {
        var relative = Path.GetRelativePath(folder, output ?? throw new UsageException(missing));
        return Path.IsPathRooted(relative) || relative.Split(Path.DirectorySeparatorChar)[0] == ".." ? output
            : throw new UsageException($"--out {output} lies in the tokenizer's folder {folder}, whose files it could overwrite; choose a place outside it");
    }

    private static bool IsText(string folder) => File.Exists(Path.Combine(folder, "tokenizer.json"));

    private static bool IsSpeech(string folder) => SpeechTokenizer.IsIn(folder);

    private static int ParseId(string word) => int.TryParse(word, CultureInfo.InvariantCulture, out var id) ? id : throw new MotException($"'{word}' is not a token id; give numbers separated by spaces");

    private static string ReadText(string path) => File.Exists(path) ? File.ReadAllText(path) : throw new MotException($"{path} does not exist");
}
