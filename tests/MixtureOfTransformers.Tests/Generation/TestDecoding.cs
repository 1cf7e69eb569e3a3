using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;
using MixtureOfTransformers.Tokenizers;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>A small vocabulary (12 text ids, 8 image codes, images of 5 codes, 3 speech units), models over it, and requests.</summary>
internal static class TestDecoding
{
    public const int Bos = 0, Eos = 1, Pad = 2, Boi = 3, Eoi = 4, FirstText = 7, FirstCode = 12, Codes = 5;

    public static Vocabulary Vocabulary { get; } = new()
    {
        Ranges =
        [
            new() { Modality = ModalityId.Text, Offset = 0, Count = 12 },
            new() { Modality = ModalityId.Image, Offset = FirstCode, Count = 8, BeginId = Boi, EndId = Eoi, BlockLength = Codes },
            new() { Modality = ModalityId.Speech, Offset = 20, Count = 3, BeginId = 5, EndId = 6 },
        ],
        BeginOfSequence = Bos,
        EndOfSequence = Eos,
        Padding = Pad,
    };

    public static MotConfig Config { get; } = TestModels.Config(3) with { VocabularySize = 23, RopeTheta = 100 };

    /// <summary>Letters a to e are ids 7 to 11; an image's five grey pixels are its codes.</summary>
    public static DocumentTokenizer Tokenizer { get; } = new(Vocabulary, "test",
        text => [.. text.Select(c => c - 'a' + FirstText)], images => [.. images.Select(i => i.Samples.Select(s => (int)s).ToArray())]);

    public static DocumentDetokenizer Detokenizer { get; } = new(Vocabulary, Text, codes => [.. codes.Select(c => new PixelImage(c.Length, 1, 1, [.. c.Select(i => (byte)i)]))]);

    public static string Text(IEnumerable<int> ids) => string.Concat(ids.Where(id => id >= FirstText).Select(id => (char)(id - FirstText + 'a')));

    /// <summary>Sharper than a fresh model: logits that differ by whole units, so that contexts and towers matter.</summary>
    public static MotModel Model(MotConfig config, int seed, ScalarType dtype = ScalarType.Float64)
    {
        var model = TestModels.Create(config, seed, dtype);
        using var _ = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
            if (parameter.dim() == 2)
                parameter.mul_(name == "output.weight" ? 12 : 6);
        return model;
    }

    public static DecodingRequest Request(int[] prompt, long seed = 1, double temperature = 1, double guidance = 1, int? maxTokens = null, int? maxImages = null, bool stop = true) => new()
    {
        Prompt = [.. prompt],
        Sampling = new() { Seed = seed, ImageGuidance = guidance, Text = new() { Temperature = temperature }, Image = new() { Temperature = temperature } },
        MaxTokens = maxTokens,
        MaxImages = maxImages,
        StopAtEndOfSequence = stop,
    };

    public static int[][] Tokens(this IReadOnlyList<DecodedSequence> sequences) => [.. sequences.Select(s => s.Tokens.ToArray())];
}
