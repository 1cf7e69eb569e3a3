using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>A held-out pair of caption and image, of words and recording or of image and recording, and what each architecture made of one half of it.</summary>
public sealed record ReportSample
{
    /// <summary>Which half was given.</summary>
    public required SampleDirection Direction { get; init; }

    /// <summary>The caption or the words: the prompt, or the truth.</summary>
    public required string Caption { get; init; }

    /// <summary>The image: the truth, or the prompt; null for a prompt without a known image.</summary>
    public ReportImage? Image { get; init; }

    /// <summary>The recording: the truth, or the prompt; null between captions and images.</summary>
    public ReportSound? Sound { get; init; }

    /// <summary>One entry per architecture.</summary>
    public required ImmutableArray<GeneratedSample> Generated { get; init; }
}
