using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>What auxiliary routers make of a run.</summary>
/// <param name="Agreement">Share of the decisions about held-out tokens that they foretell.</param>
/// <param name="ModalityLoss">Validation loss with them by the name of its modality, in nats per token.</param>
internal sealed record CausalResult(double Agreement, ImmutableSortedDictionary<string, double> ModalityLoss);
