using MixtureOfTransformers.Storage;
using static TorchSharp.torch;

namespace MixtureOfTransformers.Models;

/// <summary>Starts a model of more towers or experts from one of fewer: every tower begins as the one that its modality had, and every expert as the feed-forward layer of its tower
/// (MoMa §2.5).</summary>
public static class Upcycling
{
    private const string Experts = "experts";

    /// <summary>Copies weights. Routers, which the smaller model lacks, stay as they are.</summary>
    /// <param name="source">The smaller model; stays the caller's.</param>
    /// <param name="target">The larger one, of the same shape, initialised.</param>
    /// <exception cref="ConfigException">The shapes differ, or a weight of the target has no counterpart.</exception>
    public static void Apply(MotModel source, MotModel target)
    {
        if (target.Config.HasUnequalTowers || !ShapeOf(source.Config).Equals(ShapeOf(target.Config)) || !source.Config.Modalities.SequenceEqual(target.Config.Modalities))
            throw new ConfigException("a model can only be upcycled into one of the same vocabulary, modalities, widths, layers and heads; change towers, untied or experts alone");
        ThrowIfMerging(source.Config, target.Config);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weights = source.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in target.named_parameters())
        {
            if (Counterparts(name, source.Config, target.Config).FirstOrDefault(weights.ContainsKey) is { } counterpart)
                parameter.copy_(weights[counterpart]);
            else if (!name.EndsWith(".router.weight", StringComparison.Ordinal))
                throw new ConfigException($"{name} has no counterpart in the model to upcycle");
        }
    }

    /// <summary>Guards against modalities that would lose weights of their own, and against experts that would.</summary>
    private static void ThrowIfMerging(MotConfig source, MotConfig target)
    {
        if (source.HasExperts && !source.Experts.SequenceEqual(target.Experts))
            throw new ConfigException($"a model with experts [{string.Join(", ", source.Experts)}] cannot be upcycled into one with [{string.Join(", ", target.Experts)}]; start from one without experts");
        foreach (var part in (UntiedParts[])[UntiedParts.FeedForward, UntiedParts.QueryKeyValue, UntiedParts.Output, UntiedParts.Norms])
            if (Enumerable.Range(0, source.Modalities.Length).GroupBy(m => target.CopiesOf(part) == 1 ? 0 : target.EffectiveTowers[m]).Any(sharing => sharing.Select(m => source.CopiesOf(part) == 1 ? 0 : source.EffectiveTowers[m]).Distinct().Count() > 1))
                throw new ConfigException($"upcycling would merge {part} weights that modalities have of their own; a model can only get more towers and experts, not fewer");
    }

    private static object ShapeOf(MotConfig c) => (c.VocabularySize, c.Dim, c.LayerCount, c.HeadCount, c.HeadDim, c.HasUnequalTowers, c.EffectiveKeyValueHeadCount, c.EffectiveFeedForwardDim, c.NormPlacement, c.QkNorm, c.RopeTheta, c.Diffusion);

    /// <summary>Names in the source that a weight of the target may come from, best first: of the tower of the same modality, or of the only one, with the expert or without.</summary>
    private static IEnumerable<string> Counterparts(string name, MotConfig source, MotConfig target)
    {
        var parts = name.Split('.');
        var place = UntiedName.PlaceIn(parts);
        if (place < 0)
            return [name];
        var modality = target.EffectiveTowers.IndexOf(int.Parse(parts[place], System.Globalization.CultureInfo.InvariantCulture));
        return new[] { source.EffectiveTowers[modality], 0 }.SelectMany(tower =>
        {
            string[] moved = [.. parts[..place], $"{tower}", .. parts[(place + 1)..]];
            var expert = Array.IndexOf(moved, Experts);
            return expert < 0 ? (string[])[string.Join('.', moved)] : [string.Join('.', moved), string.Join('.', [.. moved[..expert], .. moved[(expert + 2)..]])];
        });
    }
}
