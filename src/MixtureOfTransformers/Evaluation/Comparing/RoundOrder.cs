using System.Collections.Immutable;

namespace MixtureOfTransformers.Evaluation.Comparing;

/// <summary>In which order runs take their turns, so that in time each stands beside each other equally often, and each is alone equally often: the circle method
/// of tournaments.</summary>
internal static class RoundOrder
{
    /// <summary>The order of one round: pair after pair; with an odd number of runs the one without a partner last.</summary>
    /// <param name="count">Runs.</param>
    /// <param name="round">Counted from 0.</param>
    public static ImmutableArray<int> Of(int count, int round)
    {
        var seats = count + (count % 2);
        var pairs = Enumerable.Range(0, seats / 2).Select(i => (int[])[At(i), At(seats - 1 - i)]).Select(pair => pair.Where(i => i < count).ToArray());
        return [.. pairs.OrderByDescending(pair => pair.Length).SelectMany(pair => pair)];

        int At(int seat) => seat == 0 ? 0 : 1 + ((seat - 1 + round) % (seats - 1));
    }
}
