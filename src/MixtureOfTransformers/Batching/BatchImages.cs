namespace MixtureOfTransformers.Batching;

/// <summary>The images of a batch, where they are vectors; plain arrays.</summary>
public sealed class BatchImages
{
    /// <summary>Wraps the arrays without copying.</summary>
    /// <param name="patchDim">Numbers of a patch, X.</param>
    /// <param name="spans">Where the images are, in order.</param>
    /// <param name="patches">Their patches one after the other, [P, X].</param>
    /// <exception cref="ArgumentException">The patches do not fit the spans.</exception>
    public BatchImages(int patchDim, ImageSpan[] spans, float[] patches)
    {
        PatchCount = spans.Sum(s => s.Length);
        if (patches.Length != (long)PatchCount * patchDim)
            throw new ArgumentException($"{patches.Length} numbers are not {PatchCount} patches of {patchDim}", nameof(patches));
        (PatchDim, Spans, Patches) = (patchDim, spans, patches);
    }

    /// <summary>Numbers of a patch, X.</summary>
    public int PatchDim { get; }

    /// <summary>Where the images are, in order.</summary>
    public ImageSpan[] Spans { get; }

    /// <summary>The patches of all images one after the other, [P, X].</summary>
    public float[] Patches { get; }

    /// <summary>Patches of all images, P.</summary>
    public int PatchCount { get; }

    /// <summary>The place of each patch in the batch, [P].</summary>
    public int[] Tokens => ImageSpan.TokensOf(Spans);

    /// <summary>The image of each patch, [P].</summary>
    public long[] ImageOfPatch => [.. Spans.SelectMany((s, image) => Enumerable.Repeat((long)image, s.Length))];

    /// <summary>The image of each token of a batch, −1 for none.</summary>
    /// <param name="tokens">Tokens in the batch, N.</param>
    public int[] ImageOfToken(int tokens)
    {
        var images = new int[tokens];
        Array.Fill(images, -1);
        for (var image = 0; image < Spans.Length; image++)
            images.AsSpan(Spans[image].Start, Spans[image].Length).Fill(image);
        return images;
    }
}
