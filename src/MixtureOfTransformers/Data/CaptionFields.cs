using System.Collections.Immutable;

namespace MixtureOfTransformers.Data;

/// <summary>Which fields of a line of captions or transcripts hold what.</summary>
/// <param name="File">The field with the name of the image or recording.</param>
/// <param name="Caption">The field with the caption or transcript.</param>
/// <param name="Where">Only lines whose fields have these values are used.</param>
internal sealed record CaptionFields(string File, string Caption, ImmutableSortedDictionary<string, string> Where)
{
    /// <summary>Fields whose content is added to the caption in brackets.</summary>
    public ImmutableArray<string> Extras { get; init; } = [];

    /// <summary>The field with a recording beside the image; null for none.</summary>
    public string? Speech { get; init; }

    /// <summary>The field with the times of the phrases; null for none.</summary>
    public string? Phrases { get; init; }

    /// <summary>The field with the name of who speaks; null for none.</summary>
    public string? Speaker { get; init; }

    /// <summary>The field with the side of the data; null for none.</summary>
    public string? Split { get; init; }
}
