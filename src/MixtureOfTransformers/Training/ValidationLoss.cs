namespace MixtureOfTransformers.Training;

/// <summary>Loss of a model on held-out data.</summary>
/// <param name="Loss">Mean cross-entropy over all target tokens, in nats.</param>
/// <param name="ModalityLoss">The same by modality of the target; modalities without targets are left out.</param>
/// <param name="Targets">Target tokens.</param>
public sealed record ValidationLoss(double Loss, IReadOnlyDictionary<string, double> ModalityLoss, long Targets);
