using System.Text.Json.Serialization;

namespace MixtureOfTransformers.Evaluation;

/// <summary>How well one model hears and speaks.</summary>
public sealed record ModelSpeechQuality
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Held-out recordings that it wrote down, greedily.</summary>
    public required int HeardClips { get; init; }

    /// <summary>The share of them of which every word is right, 0 to 1.</summary>
    public required double HeardRight { get; init; }

    /// <summary>Words put in, left out or replaced, per word that was said.</summary>
    public required double WordErrorRate { get; init; }

    /// <summary>Clips that it spoke; 0 where no recognizer could judge them.</summary>
    public int SpokenClips { get; init; }

    /// <summary>The share of them that the recognizer takes for the words that were asked for, 0 to 1; null without a recognizer.</summary>
    public double? SpokenRecognized { get; init; }

    /// <summary>Held-out images of which it said what is to be seen; 0 where there are none with a spoken caption, or no recognizer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SeenImages { get; init; }

    /// <summary>The share of them of which the recognizer hears the caption, 0 to 1; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SeenRecognized { get; init; }

    /// <summary>Held-out recordings of which it drew what they say; 0 where no recording has an image.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int DrawnImages { get; init; }

    /// <summary>The share of them whose words are found in the drawing, as in <see cref="SpeechQuality.OriginalMatched"/>; null without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DrawnMatched { get; init; }
}
