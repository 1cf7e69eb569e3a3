namespace MixtureOfTransformers.Tokenizers;

/// <summary>How a tokenizer with a codebook is trained.</summary>
public abstract record CodebookTrainingOptions : TokenizerTrainingOptions
{
    /// <summary>Weight of the term that pulls the encoder towards its codes.</summary><value>Default: 0.25.</value>
    public double CommitmentWeight { get; init; } = 0.25;

    /// <summary>Decay per step of the running averages that are the codebook.</summary><value>Default: 0.99.</value>
    public double CodebookDecay { get; init; } = 0.99;

    internal override void ThrowIfInvalid()
    {
        base.ThrowIfInvalid();
        Require("commitment_weight", CommitmentWeight, CommitmentWeight is >= 0 and < 100, "from 0 to 100");
        Require("codebook_decay", CodebookDecay, CodebookDecay is > 0 and < 1, "between 0 and 1");
    }
}
