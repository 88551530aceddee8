namespace MtaStsHost.Configuration;

/// <summary>Says which known key an unknown one was probably meant to be.</summary>
internal static class UnknownKeys
{
    public static void Report(string path, string key, IReadOnlyCollection<string> known,
        Origin origin, ProblemList problems, bool warning = false)
    {
        var nearest = Nearest(key, known);
        var remedy = nearest is null ? "take it out" : $"did you mean {nearest}?";
        var what = $"{ProblemList.Quote(key)} is not a setting";
        if (warning) problems.Warning(path, origin, what, remedy);
        else problems.Error(path, origin, what, remedy);
    }

    /// <summary>The known key with the fewest edits (Levenshtein, without regard to case); the first of equals.</summary>
    public static string? Nearest(string key, IReadOnlyCollection<string> known)
    {
        // A key of a megabyte must not cost a megabyte squared.
        var text = key.Length > 64 ? key[..64] : key;
        return known.MinBy(candidate => Distance(text, candidate));
    }

    public static int Distance(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        Span<int> row = stackalloc int[right.Length + 1];
        for (var j = 0; j < row.Length; j++) row[j] = j;
        for (var i = 0; i < left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < right.Length; j++)
            {
                var cost = char.ToUpperInvariant(left[i]) == char.ToUpperInvariant(right[j]) ? 0 : 1;
                (diagonal, row[j + 1]) = (row[j + 1], Math.Min(Math.Min(row[j + 1], row[j]) + 1, diagonal + cost));
            }
        }

        return row[^1];
    }
}
