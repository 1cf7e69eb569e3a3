namespace MixtureOfTransformers.Cli;

/// <summary>Guesses what a misspelt word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The candidate with the fewest single-letter edits, or the one that <paramref name="word"/> begins; null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var name = word.TrimStart('-');
        var ranked = candidates
            .Select(candidate => (Candidate: candidate, Edits: Edits(name, candidate.TrimStart('-'))))
            .OrderBy(pair => pair.Edits)
            .ThenBy(pair => name.Length > 0 && Same(name[0], pair.Candidate.TrimStart('-')[0]) ? 0 : 1)
            .ToList();
        var near = ranked.FirstOrDefault(pair => pair.Edits <= Math.Max(1, pair.Candidate.TrimStart('-').Length / 3)).Candidate;
        return near ?? ranked.FirstOrDefault(pair => name.Length >= 2 && pair.Candidate.TrimStart('-').StartsWith(name, StringComparison.OrdinalIgnoreCase)).Candidate;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between two words, letter case aside.</summary>
    internal static int Edits(string from, string to)
    {
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            for (var j = 0; j <= to.Length; j++)
                cost[i, j] = i == 0 ? j : j == 0 ? i : Step(i, j);
        return cost[from.Length, to.Length];

        int Step(int i, int j)
        {
            var best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (Same(from[i - 1], to[j - 1]) ? 0 : 1));
            return i > 1 && j > 1 && Same(from[i - 1], to[j - 2]) && Same(from[i - 2], to[j - 1]) ? Math.Min(best, cost[i - 2, j - 2] + 1) : best;
        }
    }

    private static bool Same(char a, char b) => char.ToLowerInvariant(a) == char.ToLowerInvariant(b);
}
