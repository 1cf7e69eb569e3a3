using System.Collections.Immutable;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Storage;

namespace MixtureOfTransformers.Evaluation;

/// <summary>The loss of one modality during the training of one architecture.</summary>
public sealed record LossCurve
{
    /// <summary>The architecture's short name, such as <c>dense</c> or <c>mot</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The modality whose tokens the loss is averaged over.</summary>
    public required ModalityId Modality { get; init; }

    /// <summary>Which documents it was measured on.</summary><value>Default: validation.</value>
    public CurveSplit Split { get; init; } = CurveSplit.Validation;

    /// <summary>The measurements, by increasing step.</summary>
    public required ImmutableArray<LossPoint> Points { get; init; }

    /// <summary>This curve, checked.</summary>
    /// <exception cref="MotException">The curve is empty, its steps do not increase, a cost falls or is negative, or a number is not finite.</exception>
    public LossCurve Validate()
    {
        if (Points.IsDefaultOrEmpty)
            throw Problem("has no points; evaluate at least once");
        for (var i = 0; i < Points.Length; i++)
        {
            var p = Points[i];
            if (!double.IsFinite(p.Loss) || !double.IsFinite(p.Flops) || !double.IsFinite(p.Seconds) || p.Step < 0 || p.Flops < 0 || p.Seconds < 0)
                throw Problem($"has a number that is negative or not finite at step {p.Step} (loss {p.Loss}, flops {p.Flops}, seconds {p.Seconds})");
            if (i > 0 && (p.Step <= Points[i - 1].Step || p.Flops < Points[i - 1].Flops || p.Seconds < Points[i - 1].Seconds))
                throw Problem($"goes back in time at step {p.Step} after step {Points[i - 1].Step}; give the points of one run in order");
        }
        return this;
    }

    private MotException Problem(string problem) => new($"the {Modality} loss curve of '{Architecture}' {problem}");
}
