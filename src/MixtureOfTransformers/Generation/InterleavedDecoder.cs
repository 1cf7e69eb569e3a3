using MixtureOfTransformers.Models;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>Continues sequences of text, image and speech ids (SPEC §4): in text only text ids, BOI, begin-of-speech and EOS can be drawn; after BOI exactly n image codes, then EOI;
/// after begin-of-speech one speech code or more, then its end.</summary>
/// <remarks>Keys and values are cached, so that a step feeds one token per row, each through its own tower. Rows of a batch are independent: lengths, options
/// and modes may differ, and a row's tokens are those it would get alone. Keeps no state between calls; not thread-safe.</remarks>
public sealed class InterleavedDecoder
{
    private readonly MotModel _model;
    private readonly Vocabulary _vocabulary;
    private readonly AllowedTokens _allowed;
    private readonly DecodeWeightFormat _weights;

    /// <summary>A decoder over <paramref name="model"/>, which stays the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="vocabulary">Of the tokenizers that it was trained with.</param>
    /// <param name="weights">How its weights are read for every new token.</param>
    /// <exception cref="MotException">The vocabulary does not fit the model, its images have no fixed length, or the model cannot decode in that format.</exception>
    public InterleavedDecoder(MotModel model, Vocabulary vocabulary, DecodeWeightFormat weights = DecodeWeightFormat.Compute)
    {
        (_model, _vocabulary, _allowed, _weights) = (model, vocabulary.Validate(), new(vocabulary), weights);
        if (vocabulary.Size > model.Config.VocabularySize || !vocabulary.Modalities.SequenceEqual(model.Config.Modalities))
            throw new MotException($"the vocabulary of {vocabulary.Size} ids ({string.Join(", ", vocabulary.Modalities)}) does not fit the model of "
                + $"{model.Config.VocabularySize} ids ({string.Join(", ", model.Config.Modalities)}); use the tokenizers that the model was trained with");
        if (weights == DecodeWeightFormat.Int8)
            DecodeWeights.ThrowIfUnsupported(model);
    }

    /// <summary>Generates after every prompt until each ends.</summary>
    /// <param name="requests">The prompts, decoded together as one batch; memory grows with their number times the longest.</param>
    /// <param name="onToken">Called for every new token with the index of its request, in step order; on this thread.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>What follows each prompt, in the order of the requests.</returns>
    /// <exception cref="MotException">A prompt or option is unusable; the message names value, limit and remedy.</exception>
    public IReadOnlyList<DecodedSequence> Decode(IReadOnlyList<DecodingRequest> requests, Action<int, int>? onToken = null, CancellationToken cancellationToken = default)
    {
        if (requests.Count == 0)
            return [];
        var rows = requests.Select(r => new DecodingRow(r, _vocabulary, _allowed, _model.Config.MaxSequenceLength)).ToList();
        using var batch = new DecodingBatch(_model, _vocabulary, rows, _weights);
        while (!batch.Finished)
        {
            cancellationToken.ThrowIfCancellationRequested();
            batch.Step(onToken);
        }
        return rows.ConvertAll(row => row.Result);
    }
}
