namespace MixtureOfTransformers.Evaluation;

/// <summary>How architectures and modalities are called in front of people.</summary>
internal static class ArchitectureNames
{
    /// <summary>At the start of a line: <c>Dense</c>, <c>MoT</c>; any other name as it is.</summary>
    public static string Label(string architecture) => architecture switch
    {
        "dense" => "Dense",
        "mot" => "MoT",
        "hybrid" => "MoT + text MoE-4x",
        _ when architecture.StartsWith("moe-", StringComparison.Ordinal) => $"MoE-{architecture[4..]}",
        _ when architecture.StartsWith("moma-", StringComparison.Ordinal) => $"MoMa {architecture[5..]}",
        _ when architecture.StartsWith("mod-", StringComparison.Ordinal) => $"MoD + {InSentence(architecture[4..])}",
        _ when architecture.StartsWith("loo-", StringComparison.Ordinal) => $"LOO-{architecture[4..]}",
        _ when architecture.StartsWith("untied-", StringComparison.Ordinal) => $"Untied {architecture[7..].Replace("-", " + ", StringComparison.Ordinal)}",
        _ => architecture,
    };

    /// <summary>Inside a sentence: <c>dense</c>, <c>MoT</c>.</summary>
    public static string InSentence(string architecture) => architecture == "dense" ? "dense" : Label(architecture);

    /// <summary>What chooses among tokens in a model: <c>experts</c>, <c>depth gates</c>, or both.</summary>
    public static string Choosers(Models.MotConfig config) => config.MixtureOfDepths is null ? "experts" : config.HasExperts ? "experts and depth gates" : "depth gates";

    /// <summary>A modality's name as a heading: <c>Image</c>.</summary>
    public static string Heading(string modality) => char.ToUpperInvariant(modality[0]) + modality[1..];
}
