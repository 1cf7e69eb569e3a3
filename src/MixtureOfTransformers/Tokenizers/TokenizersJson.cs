using System.Text.Json;
using System.Text.Json.Serialization;
using MixtureOfTransformers.Tokenizers.Speech;

namespace MixtureOfTransformers.Tokenizers;

/// <summary>JSON shapes of the tokenizers' files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(ImagePatcherConfig))]
[JsonSerializable(typeof(ImageTokenizerConfig))]
[JsonSerializable(typeof(ImageTokenizerOptions))]
[JsonSerializable(typeof(ImageTokenizerReport))]
[JsonSerializable(typeof(ImageVaeConfig))]
[JsonSerializable(typeof(ImageVaeOptions))]
[JsonSerializable(typeof(ImageVaeReport))]
[JsonSerializable(typeof(LatentPatches))]
[JsonSerializable(typeof(SpeechTokenizerConfig))]
[JsonSerializable(typeof(SpeechTokenizerOptions))]
[JsonSerializable(typeof(SpeechTokenizerReport))]
[JsonSerializable(typeof(TextTokenizerOptions))]
[JsonSerializable(typeof(Vocabulary))]
internal sealed partial class TokenizersJson : JsonSerializerContext;
