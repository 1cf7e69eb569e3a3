namespace MixtureOfTransformers.Training;

/// <summary>Loss of a model on held-out data.</summary>
/// <param name="Loss">What is minimised: mean cross-entropy over all target tokens, in nats; with diffused images that of text + λ · the images' squared error.</param>
/// <param name="ModalityLoss">By modality of the target, mean cross-entropy, or for diffused images mean squared error; modalities without targets are left out.</param>
/// <param name="Targets">Target tokens and patches.</param>
public sealed record ValidationLoss(double Loss, IReadOnlyDictionary<string, double> ModalityLoss, long Targets);
