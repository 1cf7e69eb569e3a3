namespace MixtureOfTransformers.Models;

/// <summary>Who decides which experts process a token.</summary>
public enum ExpertRouting
{
    /// <summary>The experts choose among all tokens, as in training: balanced, but what a token gets depends on later tokens.</summary>
    ExpertChoice,

    /// <summary>Each token takes its best-scored experts: causal, with the same weights but not the same decisions as in training.</summary>
    TokenChoice,

    /// <summary>A small router of its own, trained after the model to foretell the experts' choice, decides for each token; the model's router gives the weight (MoMa §2.4). Causal.</summary>
    Auxiliary,
}
