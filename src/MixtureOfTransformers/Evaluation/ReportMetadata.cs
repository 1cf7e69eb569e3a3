using System.Collections.Immutable;
using System.Text.Json;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Evaluation;

/// <summary>Where the numbers of a report come from.</summary>
public sealed record ReportMetadata
{
    /// <summary>Name of the setting, such as <c>quickstart</c> or a recipe's name.</summary>
    public required string Setting { get; init; }

    /// <summary>When the comparison ended.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Seed of the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The command that makes this report again.</summary>
    public required string Command { get; init; }

    /// <summary>Facts about the machine by name: processor, cores, memory, operating system.</summary>
    public ImmutableSortedDictionary<string, string> Machine { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Versions by component: this library, libtorch, .NET.</summary>
    public ImmutableSortedDictionary<string, string> Versions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The resolved recipe, as JSON; null if there is none.</summary>
    public JsonElement? Recipe { get; init; }

    /// <summary>What the losses of a modality are, for axes.</summary>
    internal string LossLabel(ModalityId modality) => modality == ModalityId.Image && Recipe is { } recipe && HasPatches(recipe) ? "loss, mean squared error" : "loss, nats per token";

    private static bool HasPatches(JsonElement recipe) => recipe.ValueKind == JsonValueKind.Object
        && ((recipe.TryGetProperty("image_patches", out var patches) && patches.ValueKind == JsonValueKind.Object) || (recipe.TryGetProperty("recipe", out var inner) && HasPatches(inner)));
}
