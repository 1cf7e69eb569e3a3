namespace MixtureOfTransformers.Tokenizers;

/// <summary>Where an <see cref="AutoencoderLoop"/> is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Fraction">The share of the budget, steps or seconds, that is spent; 0 to 1.</param>
/// <param name="Loss">Loss of the last batch.</param>
/// <param name="Error">Mean squared error of the last batch, in the units of the network's examples.</param>
internal sealed record AutoencoderProgress(int Step, double Fraction, double Loss, double Error)
{
    /// <summary>Perplexity of the codes over the last steps, where there are codes.</summary>
    public double Perplexity { get; init; }
}
