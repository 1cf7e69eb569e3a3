using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Analysis;

/// <summary>The states of held-out tokens at one stage of a model.</summary>
/// <param name="Name">The stage; see <see cref="ModelStages.Names"/>. That of the last layer is the last layer's output; <c>norm</c> is what the head reads.</param>
/// <param name="Separation">How far modalities lie apart; null where there is one alone.</param>
/// <param name="Norms">How large the states are, by modality; modalities without tokens are left out.</param>
/// <param name="Plane">The states in two dimensions.</param>
public sealed record StageAnalysis(string Name, ModalitySeparation? Separation, ImmutableArray<ModalityNorm> Norms, PrincipalPlane Plane);
