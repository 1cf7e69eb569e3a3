using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What auxiliary routers make of a run.</summary>
/// <param name="Agreement">Share of the decisions about held-out tokens that they foretell; null where there are none.</param>
/// <param name="ModalityLoss">Validation loss with them by the name of its modality, in nats per token; null where there is none.</param>
/// <param name="Problem">Why there is no loss; null where there is one.</param>
internal sealed record CausalResult(double? Agreement = null, ImmutableSortedDictionary<string, double>? ModalityLoss = null, string? Problem = null)
{
    /// <summary>This result, without losses that are no numbers.</summary>
    public CausalResult Checked() => ModalityLoss is null || ModalityLoss.Values.All(double.IsFinite) ? this
        : new(Problem: $"with auxiliary routers the {ModalityLoss.First(l => !double.IsFinite(l.Value)).Key} loss is not finite");
}
