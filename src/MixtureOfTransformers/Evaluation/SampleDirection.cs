using System.Text.Json.Serialization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What a sample was generated from.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<SampleDirection>))]
public enum SampleDirection
{
    /// <summary>A caption was given, an image generated.</summary>
    CaptionToImage,

    /// <summary>An image was given, a caption generated.</summary>
    ImageToCaption,

    /// <summary>Words were given, speech generated.</summary>
    TextToSpeech,

    /// <summary>Speech was given, a transcript generated.</summary>
    SpeechToText,

    /// <summary>Speech was given, an image of what it says generated.</summary>
    SpeechToImage,

    /// <summary>An image was given, speech about what is to be seen generated.</summary>
    ImageToSpeech,
}
