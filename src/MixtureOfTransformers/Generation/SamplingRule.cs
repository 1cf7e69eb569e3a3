using System.Globalization;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Generation;

/// <summary>How a token is drawn from the logits of one modality. The cuts apply in this order: temperature, then top-k, then top-p over what top-k left.</summary>
public sealed record SamplingRule
{
    /// <summary>Always the most probable token; the lowest id where several are equally probable.</summary>
    public static SamplingRule Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Divides the logits: below 1 sharper, above 1 flatter. 0 is greedy, and the cuts then do nothing.</summary><value>1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k most probable tokens may be drawn.</summary><value>0: no limit.</value>
    public int TopK { get; init; }

    /// <summary>Only the most probable tokens that together reach this probability may be drawn.</summary><value>1: no limit.</value>
    public double TopP { get; init; } = 1;

    /// <summary>This rule, checked.</summary>
    /// <param name="name">Names the rule in messages, for instance <c>text</c>.</param>
    /// <exception cref="ConfigException">A value is out of its limits; the message names both and the remedy.</exception>
    public SamplingRule Validate(string name)
    {
        Require(double.IsFinite(Temperature) && Temperature >= 0, $"{name} temperature {Temperature} must be 0 (greedy) or positive, for instance 0.9");
        Require(TopK >= 0, $"{name} top_k {TopK} must be positive, or 0 for no limit");
        Require(TopP is > 0 and <= 1, $"{name} top_p {TopP} must be above 0 and at most 1, where 1 is no limit");
        return this;
    }

    private static void Require(bool condition, FormattableString problem)
    {
        if (!condition)
            throw new ConfigException(problem.ToString(CultureInfo.InvariantCulture));
    }
}
