using MtaStsHost.Configuration;

namespace MtaStsHost.Serving;

/// <summary>
/// Checks the domains of a configuration and builds their policies. Pure: the same settings give the same snapshot and the same problems.
/// Domains with the same policy share its bytes, as a provider's 100,000 domains do.
/// </summary>
internal sealed class PolicySnapshotBuilder(ConfigurationTree tree, ProblemList problems)
{
    // At full size at once: growing would leave large arrays behind, each of which brings a full collection nearer.
    private readonly Dictionary<string, MxPattern> _patterns = new(tree.Domains.Count, StringComparer.Ordinal);
    private readonly Dictionary<Policy, (Policy Policy, PolicyId Id, byte[] Body)> _policies = new(tree.Domains.Count);
    private readonly Dictionary<DomainName, Origin> _seen = new(tree.Domains.Count);

    public static PolicySnapshot Build(ConfigurationTree tree, ProblemList problems) => new PolicySnapshotBuilder(tree, problems).Build();

    private PolicySnapshot Build()
    {
        var defaults = ReadDefaults(tree.Defaults);
        var policies = ImmutableArray.CreateBuilder<ServedPolicy>(tree.Domains.Count);
        foreach (var (name, settings) in tree.Domains)
        {
            if (ReadDomain(name, settings, defaults) is { } policy) policies.Add(policy);
        }

        return new PolicySnapshot(policies.DrainToImmutable());
    }

    private DomainDefaults ReadDefaults(DomainSettings settings)
    {
        const string Path = "MtaSts:Defaults";
        var defaults = new DomainDefaults(ReadMode(Path, settings.Mode), ReadMaxAge(Path, settings.MaxAge),
            ReadMx(Path, settings.Mx) ?? [], ReadId(Path, settings.Id), ReadTlsRpt(Path, settings.TlsRpt) ?? [],
            ReadSelectors(Path, settings.DkimSelectors) ?? []);
        if (settings.Id is { Kind: SettingKind.Text } id)
            problems.Warning(Path + ":Id", id.Origin, "gives all domains one id, which does not change when a policy changes",
                "remove it; ids then change by themselves");
        return defaults;
    }

    private ServedPolicy? ReadDomain(string name, DomainSettings settings, DomainDefaults defaults)
    {
        var path = "MtaSts:Domains:" + name;
        var domain = ReadName(path, name, settings.Origin);
        // A wrong mode has an error; to check the rest against the default mode would only confuse.
        var mode = IsSet(settings.Mode) ? ReadMode(path, settings.Mode) : defaults.Mode;
        var maxAge = ReadMaxAge(path, settings.MaxAge) ?? defaults.MaxAge;
        var ownMx = ReadMx(path, settings.Mx);
        var id = ReadId(path, settings.Id) ?? defaults.Id;
        var tlsRpt = ReadTlsRpt(path, settings.TlsRpt) ?? defaults.TlsRpt;
        var selectors = ReadSelectors(path, settings.DkimSelectors) ?? defaults.DkimSelectors;

        // A wrong default has an error; that domains lack it then is not an error of theirs.
        if (!IsSet(settings.Mode) && !IsSet(tree.Defaults.Mode))
            problems.Error(path + ":Mode", settings.Origin, "is not set", "set it here or in MtaSts:Defaults to none, testing or enforce");
        if (!IsSet(settings.MaxAge) && !IsSet(tree.Defaults.MaxAge))
            problems.Error(path + ":MaxAge", settings.Origin, "is not set",
                "set it here or in MtaSts:Defaults, in seconds; 604800 is a week");
        var mx = ownMx ?? defaults.Mx;
        // A wrong entry has an error; another for the empty list would only confuse.
        if (mode is not (null or PolicyMode.None) && mx.IsEmpty && !HasEntry(settings.Mx)
            && (ownMx is not null || !HasEntry(tree.Defaults.Mx)))
            problems.Error(path + ":Mx", settings.Origin, $"mode {PolicyModes.ToText(mode.Value)} needs at least one mx",
                "list the hosts of the domain's MX records, such as [ \"mail.example.com\" ]");

        if (domain is null || mode is not { } policyMode || maxAge is not { } seconds
            || (mx.IsEmpty && policyMode != PolicyMode.None)) return null;

        var (policy, policyId, body) = Prepare(new Policy(policyMode, mx, seconds));
        if (body.Length > Policy.MaxBodyBytes)
        {
            problems.Error(path + ":Mx", settings.Origin,
                $"the policy has {body.Length} bytes, but senders read at most 65536 (RFC 8461 §3.3)",
                "list fewer hosts, or a wildcard such as *.mx.example.com");
            return null;
        }

        if (body.Length > SenderLimits.LongBody)
            problems.Warning(path + ":Mx", settings.Origin, body.Length > SenderLimits.VeryLongBody
                ? $"the policy has {body.Length} bytes, and some senders (postfix-tlspol) fail at that and hold mail back"
                : $"the policy has {body.Length} bytes, and some senders read only {SenderLimits.LongBody}",
                "list fewer hosts, or a wildcard such as *.mx.example.com");

        return new ServedPolicy(domain, policy, id ?? policyId, body, tlsRpt) { DkimSelectors = selectors };
    }

    private (Policy Policy, PolicyId Id, byte[] Body) Prepare(Policy policy)
    {
        if (!_policies.TryGetValue(policy, out var prepared))
            _policies[policy] = prepared = (policy, PolicyId.Compute(policy), PolicyFormatter.Format(policy));
        return prepared;
    }

    private DomainName? ReadName(string path, string name, Origin origin)
    {
        foreach (var prefix in (ReadOnlySpan<string>)[PolicyFetcher.HostPrefix, StsRecord.NamePrefix])
        {
            if (!name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) continue;
            problems.Error(path, origin, $"{ProblemList.Quote(name)} is the name of the policy host or record, not of the mail domain",
                $"write {ProblemList.Quote(name[prefix.Length..])}");
            return null;
        }

        if (!DomainName.TryParse(name, out var domain, out var error))
        {
            problems.Error(path, origin, $"{ProblemList.Quote(name)} is not a domain name: it {error}",
                "write the mail domain, such as example.com");
            return null;
        }

        if (StsRecord.NameFor(domain).Length > DomainName.MaxLength)
        {
            problems.Error(path, origin,
                $"is too long: with {StsRecord.NamePrefix} before it, a name can have at most {DomainName.MaxLength} characters "
                    + "(RFC 1035 §2.3.4)",
                "remove the domain; it can't have a policy");
            return null;
        }

        if (_seen.TryAdd(domain, origin)) return domain;
        problems.Error(path, origin, $"is the same domain as in {_seen[domain]}: both are {domain.Value}", "keep one of them");
        return null;
    }

    private PolicyMode? ReadMode(string path, SettingValue? setting)
    {
        if (setting is not { Kind: SettingKind.Text, Text: { } text, Origin: var origin }) return null;
        if (text.Length <= 16 && PolicyModes.TryParse(text.ToLowerInvariant(), out var mode)) return mode;
        problems.Error(path + ":Mode", origin, $"{ProblemList.Quote(text)} is not a mode", "use none, testing or enforce");
        return null;
    }

    private int? ReadMaxAge(string path, SettingValue? setting)
    {
        if (setting is not { Kind: SettingKind.Text, Text: { } text, Origin: var origin }) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > Policy.MaxMaxAge)
        {
            problems.Error(path + ":MaxAge", origin,
                $"{ProblemList.Quote(text)} is not a number of seconds from 0 to {Policy.MaxMaxAge} (RFC 8461 §3.2)",
                "use, for example, 604800, a week");
            return null;
        }

        if (seconds < SenderLimits.ShortMaxAge)
            problems.Warning(path + ":MaxAge", origin, $"{seconds} seconds are less than a day, and some senders ignore such a policy",
                "use 86400 or more; 604800 is a week");
        else if (seconds > SenderLimits.LongMaxAge)
            problems.Warning(path + ":MaxAge", origin, $"{seconds} seconds are the maximum, which some senders replace",
                "use 31536000, a year, or less");
        return seconds;
    }

    private ImmutableArray<MxPattern>? ReadMx(string path, List<SettingValue?>? settings) => ReadList(path, "Mx", settings, "an mx",
        "use a host name such as mail.example.com, or *. and a name (RFC 8461 §4.1)", ParseMx);

    /// <summary>One delegate for all domains.</summary>
    private Func<string, (MxPattern? Value, string? Error)> ParseMx => field ??= text =>
        _patterns.TryGetValue(text, out var pattern) ? (pattern, null)
            : MxPattern.TryParse(text, out pattern, out var error) ? (_patterns[text] = pattern, null) : (null, error);

    private PolicyId? ReadId(string path, SettingValue? setting)
    {
        if (setting is not { Kind: SettingKind.Text, Text: { } text, Origin: var origin }) return null;
        if (PolicyId.TryParse(text, out var id, out var error)) return id;
        problems.Error(path + ":Id", origin, $"{ProblemList.Quote(text)} is not a policy id: it {error}",
            "use 1 to 32 letters or digits, or remove it, and it changes by itself (RFC 8461 §3.1)");
        return null;
    }

    private ImmutableArray<string>? ReadTlsRpt(string path, List<SettingValue?>? settings)
    {
        var uris = ReadList<string>(path, "TlsRpt", settings, "an address for reports",
            "use mailto:reports@example.com or an https: address (RFC 8460 §3)", static text =>
                TlsRptRecord.TryNormaliseUri(text, out var uri, out var error) ? (uri, null) : (null, error));
        foreach (var uri in uris ?? [])
        {
            if (TlsRptRecord.RemarkOn(uri) is { } remark)
                problems.Warning(path + ":TlsRpt", settings!.OfType<SettingValue>().First().Origin,
                    $"{ProblemList.Quote(uri)} {remark}", "use an address such as mailto:reports@example.com");
        }

        return uris;
    }

    private ImmutableArray<string>? ReadSelectors(string path, List<SettingValue?>? settings)
    {
        if (ReadList<string>(path, "Dkim:Selectors", settings, "a DKIM selector",
            "write what precedes ._domainkey, such as selector1 (RFC 6376 §3.1)", DkimSelector.Parse) is not { } all) return null;
        var selectors = all.Distinct(StringComparer.OrdinalIgnoreCase).ToImmutableArray();
        if (selectors.Length > DkimSelector.MaxCount)
            problems.Error(path + ":Dkim:Selectors", settings!.OfType<SettingValue>().First().Origin,
                $"has {selectors.Length} selectors, but at most {DkimSelector.MaxCount} are checked", "list those that sign mail");
        return selectors;
    }

    /// <param name="parse">Returns the value, or what is wrong with the text.</param>
    private ImmutableArray<T>? ReadList<T>(string path, string key, List<SettingValue?>? settings, string what, string remedy,
        Func<string, (T? Value, string? Error)> parse) where T : class
    {
        if (settings is null) return null;
        var values = ImmutableArray.CreateBuilder<T>(settings.Count);
        for (var i = 0; i < settings.Count; i++)
        {
            if (settings[i] is not { Kind: SettingKind.Text } setting) continue;
            var (value, error) = parse(setting.Text!);
            if (value is not null) values.Add(value);
            else problems.Error($"{path}:{key}:{i}", setting.Origin,
                $"{ProblemList.Quote(setting.Text)} is not {what}: it {error}", remedy);
        }

        return values.DrainToImmutable();
    }

    private static bool IsSet(SettingValue? setting) => setting is { Kind: SettingKind.Text };

    private static bool HasEntry(List<SettingValue?>? list) => list is not null && list.Exists(IsSet);

    private sealed record DomainDefaults(
        PolicyMode? Mode, int? MaxAge, ImmutableArray<MxPattern> Mx, PolicyId? Id,
            ImmutableArray<string> TlsRpt, ImmutableArray<string> DkimSelectors);
}
