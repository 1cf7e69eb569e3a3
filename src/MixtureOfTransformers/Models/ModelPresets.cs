using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>Named shapes: those of the paper (Tables 1, 3 and 4) and small ones, all but "large" for a CPU. Each has one tower per modality; <see cref="MotConfig.AsDense"/> gives the dense twin.</summary>
public static class ModelPresets
{
    private const int ChameleonVocabulary = 65_536;
    private const int LlamaVocabulary = 32_000;
    private const int SpeechCodes = 500; // beside the others: the paper does not say whether its speech ids extend the vocabulary

    /// <summary>The presets by name, smallest first within each family.</summary>
    public static IReadOnlyDictionary<string, MotConfig> All { get; } = new OrderedDictionary<string, MotConfig>
    {
        ["tiny"] = Small(64, 2, 4),
        ["mini"] = Small(128, 4, 4),
        ["small"] = Small(256, 4, 8),
        ["medium"] = Small(512, 4, 8),
        ["large"] = Small(1024, 8, 16),
        ["37m"] = Chameleon(256, 4, 8),
        ["94m"] = Chameleon(512, 8, 8),
        ["443m"] = Chameleon(1024, 24, 16),
        ["880m"] = Chameleon(1536, 24, 24),
        ["1.5b"] = Chameleon(2048, 24, 16),
        ["7b"] = Chameleon(4096, 32, 32),
        ["443m-speech"] = WithSpeech(Chameleon(1024, 24, 16)),
        ["880m-speech"] = WithSpeech(Chameleon(1536, 24, 24)),
        ["1.5b-speech"] = WithSpeech(Chameleon(2048, 24, 16)),
        ["7b-speech"] = WithSpeech(Chameleon(4096, 32, 32)),
        ["transfusion-163m"] = Transfusion(768, 16, 12),
        ["transfusion-0.37b"] = Transfusion(1024, 24, 16),
        ["transfusion-760m"] = Transfusion(1536, 24, 24),
        ["transfusion-1.4b"] = Transfusion(2048, 24, 16),
        ["transfusion-7b"] = Transfusion(4096, 32, 32),
    };

    /// <summary>The preset called <paramref name="name"/>, in any letter case.</summary>
    /// <exception cref="ConfigException">There is none; the message lists them.</exception>
    public static MotConfig Get(string name) => All.TryGetValue(name.ToLowerInvariant(), out var config) ? config
        : throw new ConfigException($"there is no preset '{name}'; choose one of {string.Join(", ", All.Keys)}");

    private static MotConfig Small(int dim, int layers, int heads) => new()
    {
        VocabularySize = 4096,
        Dim = dim,
        LayerCount = layers,
        HeadCount = heads,
        FeedForwardDim = 8 * dim / 3 / 32 * 32 + 32,
        MaxSequenceLength = 1024,
    };

    private static MotConfig Chameleon(int dim, int layers, int heads) => new() { VocabularySize = ChameleonVocabulary, Dim = dim, LayerCount = layers, HeadCount = heads };

    private static MotConfig WithSpeech(MotConfig config) =>
        config with { VocabularySize = config.VocabularySize + SpeechCodes, Modalities = [.. config.Modalities, ModalityId.Speech] };

    private static MotConfig Transfusion(int dim, int layers, int heads) =>
        new() { VocabularySize = LlamaVocabulary, Dim = dim, LayerCount = layers, HeadCount = heads, NormPlacement = NormPlacement.Pre, QkNorm = QkNorm.None };
}
