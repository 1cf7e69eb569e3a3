namespace MixtureOfTransformers.Tokenizers;

/// <summary>How the tokens of an image lie: row after row.</summary>
/// <param name="Columns">Tokens in a row.</param>
/// <param name="Rows">Rows.</param>
public readonly record struct TokenGrid(int Columns, int Rows)
{
    /// <summary>Tokens of an image.</summary>
    internal int Count => Columns * Rows;
}
