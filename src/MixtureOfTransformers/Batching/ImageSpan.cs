namespace MixtureOfTransformers.Batching;

/// <summary>An image in a batch, one token for each of its patches.</summary>
/// <param name="Start">Place of its first patch in the batch, row after row.</param>
/// <param name="Length">Patches.</param>
/// <param name="LeadsText">Whether its document begins with it and goes on with text, so that the text is learned from it.</param>
/// <param name="Columns">Patches in a row of the image; 0 where it is unknown.</param>
public readonly record struct ImageSpan(int Start, int Length, bool LeadsText, int Columns = 0)
{
    /// <summary>The place of each patch in the batch.</summary>
    internal static int[] TokensOf(IEnumerable<ImageSpan> spans) => [.. spans.SelectMany(s => Enumerable.Range(s.Start, s.Length))];
}
