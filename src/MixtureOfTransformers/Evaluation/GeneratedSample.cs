namespace MixtureOfTransformers.Evaluation;

/// <summary>What one architecture generated for a <see cref="ReportSample"/>.</summary>
public sealed record GeneratedSample
{
    /// <summary>Short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The generated image; null where something else was asked for, or where none came.</summary>
    public ReportImage? Image { get; init; }

    /// <summary>The generated speech; null where something else was asked for.</summary>
    public ReportSound? Sound { get; init; }

    /// <summary>The generated caption or transcript; null where something else was asked for, or where none came.</summary>
    public string? Caption { get; init; }
}
