using MixtureOfTransformers.Batching;
using MixtureOfTransformers.Models;
using MixtureOfTransformers.Tests.Models;

namespace MixtureOfTransformers.Tests.Objectives;

/// <summary>Batches of text and images that are vectors.</summary>
internal static class TestImages
{
    public const int PatchDim = 6;
    public const int Patch = 49; // the last id of the vocabulary
    private const int BeginImage = 1, EndImage = 2;

    public static MotConfig Config() => TestModels.Config() with { Diffusion = new() { PatchDim = PatchDim } };

    /// <summary>One row for each list, of documents of random text around images of so many patches, and padding to the longest row.</summary>
    public static Batch Batch(params int[][] rows)
    {
        var random = new Random(1);
        var (inputs, segments, spans) = (new List<List<long>>(), new List<List<int>>(), new List<(int Row, int Start, int Length, bool Leads)>());
        foreach (var images in rows)
        {
            var (row, segment) = (new List<long>(), new List<int>());
            foreach (var (document, patches) in images.Index())
            {
                var before = document % 2 == 0 ? 0 : 3;
                row.AddRange(Text(random, before));
                row.Add(BeginImage);
                spans.Add((inputs.Count, row.Count, patches, before == 0));
                row.AddRange(Enumerable.Repeat((long)Patch, patches));
                row.Add(EndImage);
                row.AddRange(Text(random, 4));
                segment.AddRange(Enumerable.Repeat(document, row.Count - segment.Count));
            }
            inputs.Add(row);
            segments.Add(segment);
        }
        var length = inputs.Max(row => row.Count) + 1;
        long[] ids = [.. inputs.SelectMany(row => row.Concat(Enumerable.Repeat(0L, length - row.Count)))];
        int[] documents = [.. segments.SelectMany(row => row.Concat(Enumerable.Repeat(MixtureOfTransformers.Batching.Batch.PaddingSegment, length - row.Count)))];
        var targets = new long[ids.Length];
        for (var i = 0; i < ids.Length; i++)
            targets[i] = i + 1 < ids.Length && documents[i] == documents[i + 1] && documents[i] >= 0 && ids[i] != Patch && ids[i + 1] != Patch ? ids[i + 1] : MixtureOfTransformers.Batching.Batch.IgnoredTarget;
        var patchCount = spans.Sum(s => s.Length);
        return new(rows.Length, length, ids, [.. ids.Select(id => (byte)(id == Patch ? 1 : 0))], targets, new byte[ids.Length], documents, new(PatchDim,
            [.. spans.Select(s => new ImageSpan((s.Row * length) + s.Start, s.Length, s.Leads))], [.. Enumerable.Range(0, patchCount * PatchDim).Select(_ => (float)((2 * random.NextDouble()) - 1))]));
    }

    private static IEnumerable<long> Text(Random random, int count) => Enumerable.Range(0, count).Select(_ => (long)random.Next(3, Patch));
}
