namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>What a change did to outputs that it must not reach.</summary>
/// <param name="Positions">Outputs that were watched.</param>
/// <param name="Moved">How many of them moved by more than the tolerance at any stage.</param>
/// <param name="MaxChange">The largest absolute change of an element at the last stage.</param>
/// <param name="FirstStage">The first stage at which one moved; null where none did.</param>
public sealed record CausalityEffect(int Positions, int Moved, double MaxChange, string? FirstStage)
{
    /// <summary>The share that moved, 0 to 1.</summary>
    public double MovedShare => Positions == 0 ? 0 : (double)Moved / Positions;
}
