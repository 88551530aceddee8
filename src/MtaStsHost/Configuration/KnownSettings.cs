namespace MtaStsHost.Configuration;

/// <summary>
/// Reports keys that no options class has: an error in the strict sections, a warning in the others, since the operator relies on a key
/// that is silently ignored. <c>#</c> is an index of a list, <c>*</c> any name.
/// </summary>
internal static class KnownSettings
{
    private static readonly string[] s_strict = ["MtaSts", "Tls", "Acme", "Dns", "Storage", "Traefik"];

    private static readonly Node s_root = Of(OptionsType.Root);

    public static void Check(ConfigurationTree tree, ProblemList problems)
    {
        var reported = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in tree.Values) Check(path, value, reported, problems);
    }

    /// <param name="reported">Paths that have their problem: a section under an unknown name is one, however many keys it has.</param>
    private static void Check(string path, SettingValue value, HashSet<string> reported, ProblemList problems)
    {
        var node = s_root;
        var segments = path.Split(':');
        for (var i = 0; i < segments.Length; i++)
        {
            if (node.Find(segments[i]) is not { } child)
            {
                Report(i);
                return;
            }

            node = child;
        }

        var (what, remedy) = value.Kind switch
        {
            SettingKind.Null => (null, ""),
            SettingKind.Text when node.IsLeaf => (null, ""),
            SettingKind.EmptyList when node.TakesList => (null, ""),
            SettingKind.EmptyObject when node.IsObject => (null, ""),
            _ => node.Demand,
        };
        if (what is not null && reported.Add(path)) problems.Error(path, value.Origin, what, remedy);

        void Report(int depth)
        {
            var isKind = !node.IsObject;
            var where = string.Join(':', segments[..(isKind ? depth : depth + 1)]);
            if (!reported.Add(where)) return;
            if (isKind) problems.Error(where, value.Origin, node.Demand.What, node.Demand.Remedy);
            else if (depth > 0)
                UnknownKeys.Report(where, segments[depth], node.Names, value.Origin, problems,
                    warning: !s_strict.Contains(segments[0], StringComparer.OrdinalIgnoreCase));
            else if (s_root.Find("MtaSts")!.Names.Find(
                name => name.Equals(segments[0], StringComparison.OrdinalIgnoreCase)) is { } name)
                problems.Error(where, value.Origin, "is outside of MtaSts, and would be ignored",
                    $"move it into that section: \"MtaSts\": {{ \"{name}\": … }}");
            else if (UnknownKeys.IsDomain(segments[0])) UnknownKeys.ReportDomain(where, segments[0], value.Origin, problems, warning: true);
            // Unknown sections may belong to others (Logging, AllowedHosts); one that is nearly ours is a typing error.
            else if (UnknownKeys.Nearest(segments[0], node.Names) is { } near && UnknownKeys.Distance(segments[0], near) <= 2)
                UnknownKeys.Report(where, segments[0], node.Names, value.Origin, problems, warning: true);
        }
    }

    private static Node Of(OptionsType type, bool takesValue = false) =>
        new(() => type.Properties.ToDictionary(property => property.Name, Of, StringComparer.OrdinalIgnoreCase), takesValue);

    private static Node Of(OptionsProperty property)
    {
        var takesValue = property.IsOneOrMore || property.OrValueOf is not null;
        return property.Kind switch
        {
            OptionKind.List or OptionKind.SectionList => new Node(() => new() { ["#"] = Inner(false) }, takesValue),
            OptionKind.Map or OptionKind.SectionMap => new Node(() => new() { ["*"] = Inner(false) }, takesValue),
            _ => Inner(takesValue),
        };

        Node Inner(bool takesValue) => property.Section is { } section ? Of(section, takesValue) : new Node(() => [], isLeaf: true);
    }

    /// <param name="children">Called when a key under the node is met: few sections of a configuration are.</param>
    private sealed class Node(Func<Dictionary<string, Node>> children, bool isLeaf)
    {
        private Dictionary<string, Node> Children => field ??= children();

        public bool IsLeaf => isLeaf;

        public bool TakesList => Children.ContainsKey("#");

        public bool IsObject => Children.Keys.Any(key => key != "#") || (!IsLeaf && !TakesList);

        /// <summary>What to say to another kind of value.</summary>
        public (string What, string Remedy) Demand =>
            IsLeaf ? ("must be one value, not a list or an object", "write the value itself")
            : TakesList ? ("must be a list", "write [ ] around its entries")
            : ("must be an object", "write { } with its settings in it");

        public List<string> Names => [.. Children.Keys.Where(key => key is not "#" and not "*")];

        public Node? Find(string segment)
        {
            if (Children.TryGetValue(segment, out var child)) return child;
            if (TakesList && int.TryParse(segment, NumberStyles.None, null, out _)) return Children["#"];
            return Children.GetValueOrDefault("*");
        }
    }
}

/// <summary>Says which known key an unknown one was probably meant to be.</summary>
internal static class UnknownKeys
{
    public static void Report(string path, string key, IReadOnlyCollection<string> known,
        Origin origin, ProblemList problems, bool warning = false)
    {
        if (known.Contains("Domains") && IsDomain(key))
        {
            ReportDomain(path, key, origin, problems, warning);
            return;
        }

        var nearest = Nearest(key, known);
        var remedy = nearest is null ? "take it out"
            : IsNear(key, nearest) ? $"did you mean {nearest}?"
            : $"take it out, or use one of {string.Join(", ", known)}";
        var what = $"{ProblemList.Quote(key)} is not a setting";
        if (warning) problems.Warning(path, origin, what, remedy);
        else problems.Error(path, origin, what, remedy);
    }

    /// <summary>Whether a key is meant to be a domain: no setting has a dot in its name.</summary>
    public static bool IsDomain(string key) => key.Contains('.', StringComparison.Ordinal) && DomainName.TryParse(key, out _, out _);

    public static void ReportDomain(string path, string domain, Origin origin, ProblemList problems, bool warning = false)
    {
        var what = $"{ProblemList.Quote(domain)} is a domain outside of MtaSts:Domains";
        var remedy = $"move it there: \"MtaSts\": {{ \"Domains\": {{ \"{Printable.Text(domain)}\": … }} }}";
        if (warning) problems.Warning(path, origin, what, remedy);
        else problems.Error(path, origin, what, remedy);
    }

    /// <summary>The known key that contains it or begins it (Email, EmailAddress; Ids, Id); otherwise, and among several, the one with the
    /// fewest edits (Levenshtein, without regard to case); the first of equals.</summary>
    public static string? Nearest(string key, IReadOnlyCollection<string> known)
    {
        // A key of a megabyte must not cost a megabyte squared.
        var text = key.Length > 64 ? key[..64] : key;
        return known.MinBy(candidate => (IsPart(text, candidate) ? 0 : 1, Distance(text, candidate)));
    }

    private static bool IsNear(string key, string candidate) =>
        IsPart(key, candidate) || Distance(key.Length > 64 ? key[..64] : key, candidate) * 2 <= Math.Max(key.Length, candidate.Length) + 1;

    private static bool IsPart(string key, string candidate) =>
        (key.Length > 2 && candidate.Contains(key, StringComparison.OrdinalIgnoreCase))
            || (candidate.Length > 1 && key.StartsWith(candidate, StringComparison.OrdinalIgnoreCase));

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
