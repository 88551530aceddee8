using System.Globalization;

namespace MtaStsHost.Configuration;

/// <summary>The settings of one domain, or the defaults, as they were written: text with its origin, not yet judged.</summary>
internal sealed class DomainSettings(Origin origin)
{
    /// <summary>More entries than any policy can hold in 64 KiB; a larger index is a typing error that must not cost memory.</summary>
    public const int MaxIndex = 9_999;

    public static readonly string[] Keys = ["Mode", "Mx", "MaxAge", "Id", "TlsRpt", "Dkim:Selectors"];

    private static readonly string[] s_topKeys = [.. Keys.Select(key => key.Split(':')[0])];

    public Origin Origin { get; } = origin;

    /// <summary>A <c>null</c> in place of the domain's settings: it takes a lower layer's domain away.</summary>
    public bool IsRemoval { get; init; }

    public static bool TakesList(string key) =>
        key.Equals("Mx", StringComparison.OrdinalIgnoreCase) || key.Equals("TlsRpt", StringComparison.OrdinalIgnoreCase)
        || key.Equals("Dkim:Selectors", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether keys stand under it, <c>Dkim:Selectors</c>.</summary>
    public static bool IsSection(ReadOnlySpan<char> key) => key.Equals("Dkim", StringComparison.OrdinalIgnoreCase);

    public SettingValue? Mode { get; private set; }

    public SettingValue? MaxAge { get; private set; }

    public SettingValue? Id { get; private set; }

    /// <summary>By index; an index that no layer sets is null.</summary>
    public List<SettingValue?>? Mx { get; private set; }

    /// <inheritdoc cref="Mx"/>
    public List<SettingValue?>? TlsRpt { get; private set; }

    /// <inheritdoc cref="Mx"/>
    public List<SettingValue?>? DkimSelectors { get; private set; }

    /// <summary>Takes one value.</summary>
    /// <param name="index">The place in a list, <c>null</c> for a value that stands by itself.</param>
    public void Set(string domainPath, ReadOnlySpan<char> key, string? index, SettingValue value, ProblemList problems)
    {
        if (key.Equals("Mode", StringComparison.OrdinalIgnoreCase)) Mode = Single("Mode", value);
        else if (key.Equals("MaxAge", StringComparison.OrdinalIgnoreCase)) MaxAge = Single("MaxAge", value);
        else if (key.Equals("Id", StringComparison.OrdinalIgnoreCase)) Id = Single("Id", value);
        else if (key.Equals("Mx", StringComparison.OrdinalIgnoreCase)) Mx = Listed("Mx", Mx);
        else if (key.Equals("TlsRpt", StringComparison.OrdinalIgnoreCase)) TlsRpt = Listed("TlsRpt", TlsRpt);
        else if (key.Equals("Dkim:Selectors", StringComparison.OrdinalIgnoreCase)) DkimSelectors = Listed("Dkim:Selectors", DkimSelectors);
        else if (IsSection(key)) DemandSection();
        else if (key.StartsWith("Dkim:", StringComparison.OrdinalIgnoreCase)) UnknownKeys.Report($"{domainPath}:{key}",
            key["Dkim:".Length..].ToString(), ["Selectors"], value.Origin, problems);
        else UnknownKeys.Report($"{domainPath}:{key}", key.ToString(), s_topKeys, value.Origin, problems);

        SettingValue? Single(string name, SettingValue single)
        {
            // JSON's null is kept: it takes a lower layer's value away, as in ASP.NET Core.
            if (index is null && single.Kind is SettingKind.Text or SettingKind.Null) return single;
            problems.Error($"{domainPath}:{name}", single.Origin, "must be one value, not a list or an object",
                $"write \"{name}\": followed by the value");
            return null;
        }

        void DemandSection()
        {
            if (index is null && value.Kind is SettingKind.Null or SettingKind.EmptyObject) return;
            problems.Error($"{domainPath}:Dkim", value.Origin, "must be an object", "write \"Dkim\": { \"Selectors\": [ \"…\" ] }");
        }

        List<SettingValue?>? Listed(string name, List<SettingValue?>? list)
        {
            if (index is null && value.Kind == SettingKind.Null) return list;
            if (index is null && value.Kind == SettingKind.EmptyList) return list ?? [];
            if (index is null || !int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            {
                problems.Error($"{domainPath}:{name}", value.Origin, "must be a list",
                    $"write \"{name[(name.LastIndexOf(':') + 1)..]}\": [ \"…\" ]");
                return list;
            }

            if (at > MaxIndex)
            {
                problems.Error($"{domainPath}:{name}", value.Origin, $"has more than {MaxIndex + 1} entries", "list fewer");
                return list;
            }

            list ??= [];
            while (list.Count <= at) list.Add(null);
            list[at] = value;
            return list;
        }
    }

    /// <summary>These settings with those of <paramref name="defaults"/> where nothing is set here; a list counts as a whole.</summary>
    public DomainSettings Over(DomainSettings defaults) => new(Origin)
    {
        Mode = Own(Mode) ?? defaults.Mode,
        MaxAge = Own(MaxAge) ?? defaults.MaxAge,
        Id = Own(Id) ?? defaults.Id,
        // Copies: a later layer over one domain must not write into the others' list.
        Mx = Mx ?? Copy(defaults.Mx),
        TlsRpt = TlsRpt ?? Copy(defaults.TlsRpt),
        DkimSelectors = DkimSelectors ?? Copy(defaults.DkimSelectors),
    };

    private static List<SettingValue?>? Copy(List<SettingValue?>? list) => list is null ? null : [.. list];

    private static SettingValue? Own(SettingValue? value) => value is { Kind: SettingKind.Text } ? value : null;

    /// <summary>Lays a later layer over this one, key by key and, in lists, index by index.</summary>
    public void Overlay(string path, DomainSettings later, ProblemList problems)
    {
        WarnOfRest("Mx", Mx, later.Mx);
        WarnOfRest("TlsRpt", TlsRpt, later.TlsRpt);
        WarnOfRest("Dkim:Selectors", DkimSelectors, later.DkimSelectors);
        Mode = later.Mode ?? Mode;
        MaxAge = later.MaxAge ?? MaxAge;
        Id = later.Id ?? Id;
        Mx = Merge(Mx, later.Mx);
        TlsRpt = Merge(TlsRpt, later.TlsRpt);
        DkimSelectors = Merge(DkimSelectors, later.DkimSelectors);

        // As in ASP.NET Core, and not what everybody expects: a list of one entry over one of two leaves the second in force.
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
}
