namespace Acme;

/// <summary>The subset of the <c>Link</c> header that ACME needs: targets by relation. RFC 8288 §3.</summary>
internal static class LinkHeader
{
    private const int MaxLinks = 32;

    /// <summary>The targets with a relation: absolute, in order, without duplicates. A malformed link ends its own field only. RFC 8288
    /// appendix B.2.</summary>
    public static IReadOnlyList<Uri> Find(IEnumerable<string> fields, string relation, Uri baseUrl)
    {
        var found = new List<Uri>();
        foreach (var field in fields)
        {
            var rest = field.AsSpan();
            while (found.Count < MaxLinks && TryReadLink(ref rest, out var target, out var relations))
            {
                if (HasRelation(relations, relation) && Uri.TryCreate(baseUrl, target, out var url) && !found.Contains(url))
                    found.Add(url);
            }
        }

        return found;
    }

    private static bool TryReadLink(ref ReadOnlySpan<char> rest, out string target, out string? relations)
    {
        (target, relations) = ("", null);
        rest = rest.TrimStart(" \t,");
        var end = rest.IndexOf('>');
        if (rest.IsEmpty || rest[0] != '<' || end < 0)
            return false;
        target = rest[1..end].Trim().ToString();
        rest = rest[(end + 1)..].TrimStart(" \t");
        while (!rest.IsEmpty && rest[0] == ';')
        {
            rest = rest[1..].TrimStart(" \t");
            var length = rest.IndexOfAny("=;,");
            var name = (length < 0 ? rest : rest[..length]).TrimEnd(" \t");
            rest = length < 0 ? [] : rest[length..];
            string? value = null;
            if (!rest.IsEmpty && rest[0] == '=' && !TryReadValue(ref rest, out value))
                return false;
            if (name.Equals("rel", StringComparison.OrdinalIgnoreCase))
                relations ??= value; // RFC 8288 §3.3: later ones are ignored
        }

        return true;
    }

    private static bool TryReadValue(ref ReadOnlySpan<char> rest, out string? value)
    {
        rest = rest[1..].TrimStart(" \t");
        value = null;
        if (rest.IsEmpty || rest[0] != '"')
        {
            var length = rest.IndexOfAny(";,");
            value = (length < 0 ? rest : rest[..length]).Trim(" \t").ToString();
            rest = length < 0 ? [] : rest[length..];
            return true;
        }

        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '\\')
            {
                i++;
            }
            else if (rest[i] == '"')
            {
                value = rest[1..i].ToString().Replace("\\", "", StringComparison.Ordinal);
                rest = rest[(i + 1)..].TrimStart(" \t");
                return true;
            }
        }

        return false;
    }

    private static bool HasRelation(string? relations, string relation) =>
        relations?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Contains(relation, StringComparer.OrdinalIgnoreCase) ?? false;
}
