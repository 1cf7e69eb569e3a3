using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Data;
using MixtureOfTransformers.Tokenizers;

namespace MixtureOfTransformers.Evaluation.Causality;

/// <summary>Batches that differ in the later tokens of one row.</summary>
internal static class LaterTokens
{
    /// <summary>The batch with every token of <paramref name="row"/> after <paramref name="position"/> changed; padding stays.</summary>
    public static Batch Change(Batch batch, int row, int position, LaterChange change, Vocabulary vocabulary, SeededRandom random)
    {
        var (inputs, modalities) = ((long[])batch.Inputs.Clone(), (byte[])batch.Modalities.Clone());
        for (var i = (row * batch.Length) + position + 1; i < (row + 1) * batch.Length; i++)
        {
            if (batch.Segments[i] == Batch.PaddingSegment)
                continue;
            if (change == LaterChange.Modalities)
                modalities[i] = (byte)Other(modalities[i], 0, vocabulary.Ranges.Length, random);
            var range = vocabulary.Ranges[modalities[i]];
            inputs[i] = Other((int)inputs[i], range.Offset, range.Count, random);
        }
        return new(batch.RowCount, batch.Length, inputs, modalities, batch.Targets, batch.TargetModalities, batch.Segments);
    }

    /// <summary>The batch with its rows in reverse order: the same tokens meet, other sums are formed.</summary>
    public static Batch ReverseRows(Batch batch)
    {
        T[] Reverse<T>(T[] values) => [.. values.Chunk(batch.Length).Reverse().SelectMany(row => row)];
        return new(batch.RowCount, batch.Length, Reverse(batch.Inputs), Reverse(batch.Modalities), Reverse(batch.Targets), Reverse(batch.TargetModalities), Reverse(batch.Segments));
    }

    /// <summary>A number of the range other than <paramref name="value"/>, which may lie outside it; the same where there is no other.</summary>
    private static int Other(int value, int offset, int count, SeededRandom random)
    {
        var inside = value >= offset && value < offset + count;
        if (inside && count == 1)
            return value;
        var drawn = offset + random.Next(inside ? count - 1 : count);
        return inside && drawn >= value ? drawn + 1 : drawn;
    }
}
