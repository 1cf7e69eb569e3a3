using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>The tokenizers of one model and their joint vocabulary: a folder with <c>text/</c>, <c>image/</c> and <c>speech/</c> where there are images and speech, and <c>vocabulary.json</c>.</summary>
public sealed class TokenizerSet : IDisposable
{
    private const string TextFolder = "text";
    private const string ImageFolder = "image";
    private const string SpeechFolder = "speech";
    private const string VocabularyFile = "vocabulary.json";

    /// <summary>Takes over the tokenizers.</summary>
    /// <param name="text">The text tokenizer.</param>
    /// <param name="image">The image tokenizer, disposed with the set; null without images.</param>
    /// <param name="speech">The speech tokenizer, disposed with the set; null without speech.</param>
    /// <param name="patches">Turns images into vectors, in place of <paramref name="image"/>, disposed with the set; null without.</param>
    /// <exception cref="MotException">The text tokenizer has no begin and end tokens for images or speech.</exception>
    public TokenizerSet(TextTokenizer text, ImageTokenizer? image, ISpeechTokenizer? speech = null, IPatchCodec? patches = null)
        : this(text, image, speech, patches, VocabularyBuilder.Build(text, image, speech, patches)) { }

    private TokenizerSet(TextTokenizer text, ImageTokenizer? image, ISpeechTokenizer? speech, IPatchCodec? patches, Vocabulary vocabulary)
    {
        (Text, Image, Speech, Patches, Vocabulary) = (text, image, speech, patches, vocabulary);
        var content = $"{text.Fingerprint}\n{image?.Fingerprint ?? patches?.Fingerprint}\n{(speech is null ? "" : $"{speech.Fingerprint}\n")}{JsonOf(vocabulary)}";
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
    }

    /// <summary>The text tokenizer.</summary>
    public TextTokenizer Text { get; }

    /// <summary>The image tokenizer; null without images, and where they are vectors.</summary>
    public ImageTokenizer? Image { get; }

    /// <summary>Turns images into vectors; null without images, and where they are tokens.</summary>
    public IPatchCodec? Patches { get; }

    /// <summary>The shapes of the images, that of images to draw first; empty without images.</summary>
    public IReadOnlyList<ImageShape> ImageShapes => Image is { } image ? [image.Config.ImageShape] : Patches?.Shapes ?? [];

    /// <summary>The speech tokenizer; null without speech.</summary>
    public ISpeechTokenizer? Speech { get; }

    /// <summary>The joint vocabulary.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>SHA-256 over everything in the set, in hexadecimal. Prepared data and checkpoints keep it, to tell when they meet other tokenizers.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads a folder.</summary>
    /// <returns>The set; the caller disposes it.</returns>
    /// <exception cref="MotException">A part is missing, damaged, or does not fit the others.</exception>
    public static TokenizerSet Open(string folder)
    {
        var path = Path.Combine(folder, VocabularyFile);
        if (!File.Exists(path))
            throw new MotException($"{folder} holds no tokenizers: {path} does not exist; train some with 'mot tokenizer'");
        var vocabulary = JsonFile.Read(path, TokenizersJson.Default.Vocabulary).Validate();
        var text = TextTokenizer.Load(Path.Combine(folder, TextFolder));
        var modalities = vocabulary.Modalities;
        IPatchCodec? patches = null;
        ImageTokenizer? image = null;
        ISpeechTokenizer? speech = null;
        try
        {
            patches = vocabulary.VectorRange is null ? null : OpenPatches(Path.Combine(folder, ImageFolder));
            image = modalities.Contains(ModalityId.Image) && patches is null ? ImageTokenizer.Load(Path.Combine(folder, ImageFolder)) : null;
            speech = modalities.Contains(ModalityId.Speech) ? SpeechTokenizer.Load(Path.Combine(folder, SpeechFolder)) : null;
            // What a user may choose is only the modality of special tokens; all else follows from the tokenizers.
            var built = VocabularyBuilder.Build(text, image, speech, patches) with { Overrides = vocabulary.Overrides };
            if (vocabulary.VectorRange is { GridColumns: 0 }) // of an earlier version
                built = built with { Ranges = [.. built.Ranges.Select(r => r with { VectorChannels = 0, GridColumns = 0 })] };
            if (JsonOf(built) != JsonOf(vocabulary))
                throw new MotException($"{path} does not belong to the tokenizers beside it; one of them was replaced. Train them again into an empty folder");
            return new(text, image, speech, patches, vocabulary);
        }
        catch
        {
            patches?.Dispose();
            image?.Dispose();
            speech?.Dispose();
            throw;
        }
    }

    /// <summary>Writes the set. Everything is written beside the folder first, so that a full disk leaves an older set as it was; the vocabulary is moved last,
    /// so that an interrupted write is noticed.</summary>
    public void Save(string folder)
    {
        folder = Directory.CreateDirectory(folder).FullName;
        var staging = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            Text.Save(Path.Combine(staging, TextFolder));
            Image?.Save(Path.Combine(staging, ImageFolder));
            Patches?.Save(Path.Combine(staging, ImageFolder));
            Speech?.Save(Path.Combine(staging, SpeechFolder));
            JsonFile.Write(Path.Combine(staging, VocabularyFile), Vocabulary, TokenizersJson.Default.Vocabulary);
            File.Delete(Path.Combine(folder, VocabularyFile));
            foreach (var file in Directory.GetFiles(staging, "*", SearchOption.AllDirectories).OrderBy(f => f.EndsWith(VocabularyFile, StringComparison.Ordinal)))
            {
                var target = Path.Combine(folder, Path.GetRelativePath(staging, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(file, target, overwrite: true);
            }
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>Guards data or weights that were made with certain tokenizers.</summary>
    /// <param name="fingerprint">The fingerprint they keep.</param>
    /// <param name="owner">What they are, for the message.</param>
    /// <exception cref="MotException">The fingerprint is of other tokenizers.</exception>
    public void Require(string fingerprint, string owner)
    {
        if (fingerprint != Fingerprint)
            throw new MotException($"{owner} belongs to other tokenizers (fingerprint {Short(fingerprint)}, these have {Short(Fingerprint)}); use the ones it was made with");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Image?.Dispose();
        Patches?.Dispose();
        Speech?.Dispose();
    }

    private static IPatchCodec OpenPatches(string folder) => LatentPatcher.IsIn(folder) ? LatentPatcher.Load(folder) : ImagePatcher.Load(folder);

    private static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : fingerprint;

    private static string JsonOf(Vocabulary vocabulary) => JsonSerializer.Serialize(vocabulary, TokenizersJson.Default.Vocabulary);
}
