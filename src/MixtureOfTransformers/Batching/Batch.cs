namespace MixtureOfTransformers.Batching;

/// <summary>Packed training sequences on the host, row after row; plain arrays, nothing to dispose.</summary>
public sealed class Batch
{
    /// <summary>The target at positions that do not count towards the loss.</summary>
    public const long IgnoredTarget = -100;

    /// <summary>The segment of padding.</summary>
    public const int PaddingSegment = -1;

    /// <summary>Wraps the arrays without copying; each holds RowCount · Length entries.</summary>
    /// <exception cref="ArgumentException">An array has another length.</exception>
    /// <param name="rowCount">Sequences, B.</param>
    /// <param name="length">Tokens per sequence, T.</param>
    /// <param name="inputs">See <see cref="Inputs"/>.</param>
    /// <param name="modalities">See <see cref="Modalities"/>.</param>
    /// <param name="targets">See <see cref="Targets"/>.</param>
    /// <param name="targetModalities">See <see cref="TargetModalities"/>.</param>
    /// <param name="segments">See <see cref="Segments"/>; null where every row is one document.</param>
    /// <param name="images">See <see cref="Images"/>; null where there are none.</param>
    public Batch(int rowCount, int length, long[] inputs, byte[] modalities, long[] targets, byte[] targetModalities, int[]? segments = null, BatchImages? images = null)
    {
        segments ??= new int[rowCount * length];
        var count = rowCount * length;
        if (inputs.Length != count || modalities.Length != count || targets.Length != count || targetModalities.Length != count || segments.Length != count)
            throw new ArgumentException($"every array of a batch of {rowCount} rows of {length} tokens must hold {count} entries");
        (RowCount, Length, Inputs, Modalities, Targets, TargetModalities, Segments) = (rowCount, length, inputs, modalities, targets, targetModalities, segments);
        Images = images;
        TargetCount = targets.Count(t => t != IgnoredTarget);
        AttendedPairs = CountPairs();
    }

    /// <summary>Sequences in the batch, B.</summary>
    public int RowCount { get; }

    /// <summary>Tokens per sequence, T.</summary>
    public int Length { get; }

    /// <summary>Input token ids, [B, T].</summary>
    public long[] Inputs { get; }

    /// <summary>Modality index of every input token, [B, T]; an index into the vocabulary's modalities. It selects the tower.</summary>
    public byte[] Modalities { get; }

    /// <summary>Next-token ids, [B, T]; <see cref="IgnoredTarget"/> where there is nothing to predict.</summary>
    public long[] Targets { get; }

    /// <summary>Modality index of every target token, [B, T]; it selects the bucket of the reported loss, never the tower.</summary>
    public byte[] TargetModalities { get; }

    /// <summary>Which document of its row every token belongs to, [B, T]: 0, 1, … in order, and <see cref="PaddingSegment"/> at the end of a row that is not full.
    /// Tokens attend within their own document only; what padding attends to does not matter.</summary>
    public int[] Segments { get; }

    /// <summary>Images that are vectors. Their tokens hold an id that stands for a patch, are no targets and have none.</summary><value>Null: all modalities are tokens.</value>
    public BatchImages? Images { get; }

    /// <summary>The image of each token, −1 for none; empty where no image is a vector.</summary>
    internal int[] ImageOfToken => Images is { PatchCount: > 0 } images ? images.ImageOfToken(Inputs.Length) : [];

    /// <summary>Pairs of a query and a key that attention within documents compares: causal, but for images that are vectors. Padding is left out.</summary>
    public long AttendedPairs { get; }

    /// <summary>Number of positions with a target token.</summary>
    public int TargetCount { get; }

    private long CountPairs()
    {
        var (pairs, run) = (0L, 0L);
        for (var i = 0; i < Segments.Length; i++)
        {
            run = i % Length > 0 && Segments[i] == Segments[i - 1] ? run + 1 : 1;
            pairs += Segments[i] == PaddingSegment ? 0 : run;
        }
        foreach (var image in Images?.Spans ?? [])
            pairs += (long)image.Length * (image.Length - 1) / 2;
        return pairs;
    }
}
