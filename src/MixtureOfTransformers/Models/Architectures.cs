using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Models;

/// <summary>The architectures of the comparison by name: each turns the configuration of a Mixture-of-Transformers into that of another model of the same shape and the
/// same FLOPs per token.</summary>
/// <remarks>
/// <c>mot</c>: the configuration as it is. <c>dense</c>: one tower. <c>moe-4x</c>: dense with four experts by expert choice (paper §3.2.1; any number).
/// <c>moma-4t4i</c>: shared attention, and experts within each modality (arXiv:2407.21770; any numbers, one group for each modality by its first letter).
/// <c>hybrid</c>: MoT whose text tower has four experts (paper §5); <c>hybrid-2x</c> has two. <c>untied-ffn</c>, <c>untied-ffn-qkv</c>, <c>untied-ffn-qkv-o</c>: the component
/// ablation (paper §3.5). <c>loo-text</c>: text has a tower of its own, all others share one (paper §4; any modality).
/// <c>mod-</c> before another name, <c>mod-moma-4t4i</c>: that architecture with <see cref="MixtureOfDepths"/>, and as many more layers as give it the FLOPs that it has without
/// (<see cref="Flops.LayersOfEqualCost"/>); for a layer count of your own set <c>mixture_of_depths</c> beside the other name.
/// </remarks>
public static partial class Architectures
{
    /// <summary>Mixture-of-Transformers.</summary>
    public const string Mot = "mot";

    /// <summary>One tower for all modalities: the baseline.</summary>
    public const string Dense = "dense";

    private const int HybridExperts = 4;
    private const string Depths = "mod-";

    /// <summary>Names to choose from, where a number may be replaced by another.</summary>
    public static ImmutableArray<string> Names { get; } =
        [Mot, Dense, "moe-2x", "moe-3x", "moe-4x", "moma-4t4i", "hybrid", "untied-ffn", "untied-ffn-qkv", "untied-ffn-qkv-o", "loo-text", "loo-image", "loo-speech", "mod-mot", "mod-dense", "mod-moma-4t4i"];

    /// <summary>The configuration of the architecture called <paramref name="name"/>.</summary>
    /// <param name="name">See the remarks of this class.</param>
    /// <param name="mot">The Mixture-of-Transformers of the same shape.</param>
    /// <exception cref="ConfigException">There is no such architecture, or it does not fit the modalities; the message lists the names.</exception>
    public static MotConfig Apply(string name, MotConfig mot) => Apply(name, mot, keepsDepths: false);

    private static MotConfig Apply(string name, MotConfig mot, bool keepsDepths) => name switch
    {
        _ when name.StartsWith(Depths, StringComparison.Ordinal) => WithDepths(name, mot),
        Mot => mot,
        _ when mot.MixtureOfDepths is not null && !keepsDepths && (name == Dense || Moe().IsMatch(name)) =>
            throw new ConfigException($"mixture_of_depths is set, but '{name}' has none and would cost more FLOPs than the others; name it {Depths}{name}, or leave mixture_of_depths out"),
        Dense => mot.AsDense(),
        "untied-ffn" => mot with { Untied = UntiedParts.FeedForward },
        "untied-ffn-qkv" => mot with { Untied = UntiedParts.FeedForward | UntiedParts.QueryKeyValue },
        "untied-ffn-qkv-o" => mot with { Untied = UntiedParts.FeedForward | UntiedParts.QueryKeyValue | UntiedParts.Output },
        "hybrid" => Hybrid(HybridExperts, mot),
        _ when Match(Moe(), name) is { } moe => mot.AsDense() with { Experts = [Number(moe, "e")] },
        _ when Match(HybridOf(), name) is { } hybrid => Hybrid(Number(hybrid, "e"), mot),
        _ when Match(Moma(), name) is { } moma => MixtureOfModalityAware(name, moma, mot),
        _ when Match(LeaveOneOut(), name) is { } alone => LeftOut(name, alone.Groups["modality"].Value, mot),
        _ => throw new ConfigException(Unknown(name)),
    };

    /// <summary>Whether there is an architecture of that name, for some modalities.</summary>
    public static bool IsKnown(string name) => name.StartsWith(Depths, StringComparison.Ordinal) ? IsPlain(name[Depths.Length..]) : IsPlain(name);

    private static bool IsPlain(string name) => (Names.Contains(name) && !name.StartsWith(Depths, StringComparison.Ordinal)) || new[] { Moe(), HybridOf(), Moma(), LeaveOneOut() }.Any(pattern => pattern.IsMatch(name));

    /// <summary>What to tell about a name that is not known.</summary>
    public static string Unknown(string name) => $"there is no architecture '{name}'; choose one of {string.Join(", ", Names)}";

    private static MotConfig WithDepths(string name, MotConfig mot)
    {
        if (!IsKnown(name))
            throw new ConfigException(Unknown(name));
        var config = Apply(name[Depths.Length..], mot, keepsDepths: true) with { MixtureOfDepths = (mot.MixtureOfDepths ?? new()).Validate() };
        return config with { LayerCount = Flops.LayersOfEqualCost(config) };
    }

    private static MotConfig Hybrid(int experts, MotConfig mot)
    {
        var text = mot.Modalities.IndexOf(ModalityId.Text);
        var tower = text < 0 ? throw new ConfigException("the hybrid has its experts in the text tower, but there is no text; choose another architecture") : mot.EffectiveTowers[text];
        return mot with { Experts = [.. Enumerable.Range(0, mot.TowerCount).Select(t => t == tower ? experts : 1)] };
    }

    private static MotConfig MixtureOfModalityAware(string name, Match moma, MotConfig mot)
    {
        var groups = moma.Groups["count"].Captures.Zip(moma.Groups["letter"].Captures, (count, letter) => (Letter: letter.Value[0], Count: int.Parse(count.Value, CultureInfo.InvariantCulture))).ToLookup(g => g.Letter, g => g.Count);
        if (groups.Any(g => g.Count() > 1) || groups.Count != mot.Modalities.Length || !mot.Modalities.All(m => groups.Contains(m.Name[0])))
            throw new ConfigException($"'{name}' must give a number of experts for each modality by its first letter, for instance moma-{string.Concat(mot.Modalities.Select(m => $"4{m.Name[0]}"))}");
        return mot with { Towers = [], Untied = UntiedParts.FeedForward, Experts = [.. mot.Modalities.Select(m => groups[m.Name[0]].Single())] };
    }

    private static MotConfig LeftOut(string name, string modality, MotConfig mot)
    {
        if (!mot.Modalities.Contains(new(modality)))
            throw new ConfigException($"'{name}' isolates {modality}, but the modalities are {string.Join(", ", mot.Modalities)}; name one of them");
        var first = mot.Modalities[0].Name == modality ? 0 : 1; // towers are numbered in the order of the modalities
        return mot with { Towers = [.. mot.Modalities.Select(m => m.Name == modality ? first : 1 - first)] };
    }

    private static Match? Match(Regex pattern, string name) => pattern.Match(name) is { Success: true } match ? match : null;

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^moe-(?<e>[1-9][0-9]?)x$")]
    private static partial Regex Moe();

    [GeneratedRegex("^hybrid-(?<e>[1-9][0-9]?)x$")]
    private static partial Regex HybridOf();

    [GeneratedRegex("^moma-((?<count>[1-9][0-9]?)(?<letter>[a-z]))+$")]
    private static partial Regex Moma();

    [GeneratedRegex("^loo-(?<modality>[a-z]+)$")]
    private static partial Regex LeaveOneOut();
}
