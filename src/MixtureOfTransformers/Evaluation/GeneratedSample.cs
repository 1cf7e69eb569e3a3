using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation;

/// <summary>What one architecture generated for a <see cref="ReportSample"/>.</summary>
public sealed record GeneratedSample
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The generated image; null where something else was asked for, or where none came.</summary>
    public ReportImage? Image { get; init; }

    /// <summary>Where the image was denoised, what the model had in mind after some of the steps, first to last.</summary>
    public ImmutableArray<ReportImage> Steps { get; init; } = [];

    /// <summary>The generated speech; null where something else was asked for.</summary>
    public ReportSound? Sound { get; init; }

    /// <summary>The generated caption or transcript; null where something else was asked for, or where none came.</summary>
    public string? Caption { get; init; }
}
