namespace MtaStsHost.Configuration;

/// <summary>The settings of one domain, or the defaults, as they were written: text with its origin, not yet judged.</summary>
internal sealed class DomainSettings(Origin origin)
{
    /// <summary>More entries than any policy can hold in 64 KiB; a larger index is a typing error that must not cost memory.</summary>
    public const int MaxIndex = 9_999;

    // The keys are those of DomainOptions; one in a section is SECTION:KEY.
    private static readonly OptionsType s_type = OptionsType.Find(typeof(DomainOptions))!;
    private static readonly string[] s_values = [.. KeysOf(s_type, OptionKind.Value, "")];
    private static readonly string[] s_lists = [.. KeysOf(s_type, OptionKind.List, "")];

    private readonly SettingValue?[] _values = new SettingValue?[s_values.Length];
    private readonly List<SettingValue?>?[] _lists = new List<SettingValue?>?[s_lists.Length];

    public Origin Origin { get; } = origin;

    /// <summary>A <c>null</c> in place of the domain's settings: it takes a lower layer's domain away.</summary>
    public bool IsRemoval { get; init; }

    public SettingValue? Mode => _values[Index(s_values, "Mode")];

    public SettingValue? MaxAge => _values[Index(s_values, "MaxAge")];

    public SettingValue? Id => _values[Index(s_values, "Id")];

    /// <summary>By index; an index that no layer sets is null.</summary>
    public List<SettingValue?>? Mx => _lists[Index(s_lists, "Mx")];

    public List<SettingValue?>? TlsRpt => _lists[Index(s_lists, "TlsRpt")];

    public List<SettingValue?>? DkimSelectors => _lists[Index(s_lists, "Dkim:Selectors")];

    /// <summary>All values, those of lists with their index: <c>Mx:0</c>.</summary>
    public IEnumerable<(string Key, SettingValue Value)> All =>
        s_values.Zip(_values).Concat(s_lists.Zip(_lists).SelectMany(list =>
                (list.Second ?? []).Select((value, i) =>
                    (First: string.Create(CultureInfo.InvariantCulture, $"{list.First}:{i}"), Second: value))))
            .Where(entry => entry.Second is { Kind: SettingKind.Text }).Select(entry => (entry.First, entry.Second!.Value));

    public static bool TakesList(string key) => Index(s_lists, key) >= 0;

    /// <summary>Whether it has keys of its own, as <c>Dkim</c>.</summary>
    public static bool IsSection(ReadOnlySpan<char> key) => SectionOf(key) is not null;

    /// <param name="index">The place in a list, <c>null</c> for a value that stands by itself.</param>
    public void Set(string domainPath, ReadOnlySpan<char> key, string? index, SettingValue value, ProblemList problems)
    {
        if (Index(s_values, key) is >= 0 and var single)
            _values[single] = Single($"{domainPath}:{s_values[single]}", s_values[single], index, value, problems);
        else if (Index(s_lists, key) is >= 0 and var list)
            _lists[list] = Listed($"{domainPath}:{s_lists[list]}", s_lists[list], index, value, _lists[list], problems);
        else if (SectionOf(key) is { } section)
        {
            if (index is null && value.Kind is SettingKind.Null or SettingKind.EmptyObject) return;
            problems.Error($"{domainPath}:{section.Name}", value.Origin, "must be an object",
                $"write \"{section.Name}\": {{ \"{section.Section!.Properties[0].Name}\": … }}");
        }
        else if (key.IndexOf(':') is > 0 and var colon && SectionOf(key[..colon]) is { Section: { } inner })
            UnknownKeys.Report($"{domainPath}:{key}", key[(colon + 1)..].ToString(), Names(inner), value.Origin, problems);
        else UnknownKeys.Report($"{domainPath}:{key}", key.ToString(), Names(s_type), value.Origin, problems);
    }

    private static SettingValue? Single(string path, string name, string? index, SettingValue value, ProblemList problems)
    {
        // JSON's null is kept: it removes a lower layer's value, as in ASP.NET Core.
        if (index is null && value.Kind is SettingKind.Text or SettingKind.Null) return value;
        problems.Error(path, value.Origin, "must be one value, not a list or an object", $"write \"{name}\": followed by the value");
        return null;
    }

    private static List<SettingValue?>? Listed(
        string path, string name, string? index, SettingValue value, List<SettingValue?>? list, ProblemList problems)
    {
        if (index is null && value.Kind == SettingKind.Null) return list;
        if (index is null && value.Kind == SettingKind.EmptyList) return list ?? [];
        if (index is null || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
        {
            problems.Error(path, value.Origin, "must be a list", $"write \"{name[(name.LastIndexOf(':') + 1)..]}\": [ \"…\" ]");
            return list;
        }

        if (at > MaxIndex)
        {
            problems.Error(path, value.Origin, $"has more than {MaxIndex + 1} entries", "list fewer");
            return list;
        }

        list ??= [];
        while (list.Count <= at) list.Add(null);
        list[at] = value;
        return list;
    }

    /// <summary>These settings with those of <paramref name="defaults"/> where nothing is set here; a list counts as a whole.</summary>
    public DomainSettings Over(DomainSettings defaults)
    {
        var result = new DomainSettings(Origin);
        for (var i = 0; i < _values.Length; i++)
            result._values[i] = _values[i] is { Kind: SettingKind.Text } own ? own : defaults._values[i];
        // Copies: a later layer over one domain must not write into the others' list.
        for (var i = 0; i < _lists.Length; i++) result._lists[i] = _lists[i] ?? defaults._lists[i]?.ToList();
        return result;
    }

    /// <summary>Lays a later layer over this one, key by key and, in lists, index by index.</summary>
    public void Overlay(string path, DomainSettings later, ProblemList problems)
    {
        for (var i = 0; i < _values.Length; i++) _values[i] = later._values[i] ?? _values[i];
        for (var i = 0; i < _lists.Length; i++)
        {
            WarnOfRest(s_lists[i], _lists[i], later._lists[i]);
            _lists[i] = Merge(_lists[i], later._lists[i]);
        }

        // As in ASP.NET Core, and not what one expects: a list of one entry over one of two leaves the second active.
        void WarnOfRest(string name, List<SettingValue?>? list, List<SettingValue?>? laid)
        {
            if (list is null || laid is not { Count: > 0 } || list.Count <= laid.Count
                || laid.FirstOrDefault(entry => entry is not null) is not { } first) return;
            problems.Warning($"{path}:{name}", first.Origin,
                $"lists merge entry by entry, so {ProblemList.Quote(list[laid.Count]?.Text)} and what follows stays from the file below",
                "write as many entries as there, or keep the list in one file");
        }

        static List<SettingValue?>? Merge(List<SettingValue?>? list, List<SettingValue?>? later)
        {
            if (later is null) return list;
            if (list is null) return later;
            for (var i = 0; i < later.Count; i++)
            {
                if (i >= list.Count) list.Add(later[i]);
                else list[i] = later[i] ?? list[i];
            }

            return list;
        }
    }

    private static IEnumerable<string> KeysOf(OptionsType type, OptionKind kind, string prefix) => type.Properties.SelectMany(property =>
        property.Kind == kind ? [prefix + property.Name]
        : property.Kind == OptionKind.Section ? KeysOf(property.Section!, kind, $"{property.Name}:") : []);

    private static int Index(string[] keys, ReadOnlySpan<char> key)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            if (key.Equals(keys[i], StringComparison.OrdinalIgnoreCase)) return i;
        }

        return -1;
    }

    private static OptionsProperty? SectionOf(ReadOnlySpan<char> key)
    {
        foreach (var property in s_type.Properties)
        {
            if (property.Kind == OptionKind.Section && key.Equals(property.Name, StringComparison.OrdinalIgnoreCase)) return property;
        }

        return null;
    }

    private static string[] Names(OptionsType type) => [.. type.Properties.Select(property => property.Name)];
}
