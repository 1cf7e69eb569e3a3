using System.Collections.Immutable;
using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Storage;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Generation;

/// <summary>A prompt on its way through a model.</summary>
/// <param name="Ids">Its tokens.</param>
/// <param name="Vectors">The numbers of those that are vectors, one token after the other.</param>
internal sealed record PromptStream(ImmutableArray<int> Ids, ImmutableArray<float> Vectors)
{
    /// <summary>Tokens of padding before each prompt, so that all end together.</summary>
    public static int[] PaddingOf(IReadOnlyList<PromptStream> streams)
    {
        var length = streams.Max(s => s.Ids.Length);
        return [.. streams.Select(s => length - s.Ids.Length)];
    }

    /// <summary>Their tokens, [S, T], padded at the start.</summary>
    public static long[] TokensOf(IReadOnlyList<PromptStream> streams, int padding)
    {
        var paddings = PaddingOf(streams);
        return [.. streams.SelectMany((s, i) => Enumerable.Repeat((long)padding, paddings[i]).Concat(s.Ids.Select(id => (long)id)))];
    }

    /// <summary>Their images, where they are vectors; null where there are none.</summary>
    /// <exception cref="MotException">There are more or fewer numbers than the images need.</exception>
    public static BatchImages? ImagesOf(IReadOnlyList<PromptStream> streams, Vocabulary vocabulary)
    {
        if (vocabulary.VectorRange is not { } range)
            return null;
        var tokens = TokensOf(streams, vocabulary.Padding);
        var spans = new List<ImageSpan>();
        for (var i = 0; i < tokens.Length; i++)
            if (range.Contains((int)tokens[i]))
            {
                spans.Add(new(i, range.BlockLengthOf((int)tokens[i]), LeadsText: true, range.ColumnsOf((int)tokens[i])));
                i += spans[^1].Length - 1;
            }
        float[] numbers = [.. streams.SelectMany(s => s.Vectors.IsDefault ? [] : s.Vectors)];
        if (numbers.Length != spans.Sum(s => s.Length) * range.VectorLength)
            throw new MotException($"{numbers.Length} numbers are not {spans.Count} images of [{string.Join(", ", spans.Select(s => s.Length))}] patches of {range.VectorLength}; give the vectors of each image of the prompt");
        return spans.Count == 0 ? null : new(range.VectorLength, [.. spans], numbers);
    }
}
