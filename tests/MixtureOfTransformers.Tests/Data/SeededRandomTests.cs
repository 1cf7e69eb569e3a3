using CsCheck;
using MixtureOfTransformers.Data;

namespace MixtureOfTransformers.Tests.Data;

public sealed class SeededRandomTests
{
    [Fact]
    public void FirstNumbersNeverChange() =>
        Assert.Equal([11091344671253066420UL, 13793997310169335082UL, 1900383378846508768UL], Enumerable.Range(0, 3).Select(Bits(new SeededRandom(0))));

    [Fact]
    public void KeysGiveUnrelatedStreams() =>
        Assert.Equal(400, Enumerable.Range(0, 20).SelectMany(a => Enumerable.Range(0, 20).Select(b => new SeededRandom(7, a, b).NextBits())).Distinct().Count());

    [Fact]
    public void NextStaysBelowTheLimitAndReachesEveryValue() => Gen.Int[1, 12].Sample(limit =>
    {
        var random = new SeededRandom(limit);
        var seen = Enumerable.Range(0, 400).Select(_ => random.Next(limit)).ToHashSet();
        return seen.Count == limit && seen.All(n => n >= 0 && n < limit);
    }, iter: 50);

    [Fact]
    public void ShufflePermutes() => Gen.Select(Gen.Int[0, 50], Gen.Long).Sample((count, seed) =>
    {
        var items = Enumerable.Range(0, count).ToArray();
        new SeededRandom(seed).Shuffle(items.AsSpan());
        return items.Order().SequenceEqual(Enumerable.Range(0, count));
    }, iter: 100);

    [Fact]
    public void UnitsAreUniform()
    {
        var random = new SeededRandom(3);
        var units = Enumerable.Range(0, 10_000).Select(_ => random.NextUnit()).ToList();
        Assert.All(units, u => Assert.InRange(u, 0, 0.9999999999999999));
        Assert.InRange(units.Average(), 0.49, 0.51);
    }

    private static Func<int, ulong> Bits(SeededRandom random) => _ => random.NextBits();
}
