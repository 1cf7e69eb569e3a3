using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Batching;

/// <summary>Turns documents into tokens, many at a time.</summary>
public interface IDocumentTokenizer
{
    /// <summary>The ids it produces.</summary>
    Vocabulary Vocabulary { get; }

    /// <summary>A hash or version that changes whenever the same document could give other tokens.</summary>
    string Fingerprint { get; }

    /// <summary>Tokenizes each document; results are in the same order.</summary>
    IReadOnlyList<TokenSequence> Tokenize(IReadOnlyList<Document> documents);
}
