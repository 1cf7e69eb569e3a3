using MixtureOfTransformers.Data;
using MixtureOfTransformers.Generation;

namespace MixtureOfTransformers.Tests.Generation;

/// <summary>Temperature, top-k and top-p written as their definitions.</summary>
internal static class NaiveSampler
{
    public static double[] Probabilities(float[] logits, SamplingRule rule)
    {
        var ranked = Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).ThenBy(i => i).ToList();
        if (rule.Temperature == 0)
            return [.. logits.Select((_, i) => i == ranked[0] ? 1.0 : 0)];
        var kept = rule.TopK == 0 ? ranked : ranked.Take(rule.TopK).ToList();
        var probabilities = Softmax(logits, kept, rule.Temperature);
        var nucleus = kept.Where((_, rank) => kept.Take(rank).Sum(i => probabilities[i]) < rule.TopP).ToList(); // what comes before it does not suffice
        return Softmax(logits, nucleus, rule.Temperature);
    }

    public static int Draw(float[] logits, SamplingRule rule, SeededRandom random)
    {
        var probabilities = Probabilities(logits, rule);
        if (rule.Temperature == 0)
            return Array.IndexOf(probabilities, 1);
        var u = random.NextUnit();
        return Enumerable.Range(0, logits.Length).First(i => probabilities[i] > 0 && probabilities.Take(i + 1).Sum() > u);
    }

    private static double[] Softmax(float[] logits, List<int> among, double temperature)
    {
        var sum = among.Sum(i => Math.Exp((logits[i] - logits.Max()) / temperature));
        return [.. logits.Select((logit, i) => among.Contains(i) ? Math.Exp((logit - logits.Max()) / temperature) / sum : 0)];
    }
}
