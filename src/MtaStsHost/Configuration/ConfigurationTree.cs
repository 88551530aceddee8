namespace MtaStsHost.Configuration;

/// <summary>All layers, merged key by key, later over earlier, as ASP.NET Core does it.</summary>
internal sealed class ConfigurationTree
{
    private const string DomainsPrefix = "MtaSts:Domains:";
    private const string DefaultsPrefix = "MtaSts:Defaults:";

    /// <summary>Where relative paths start that stand in no file, such as defaults. Absolute.</summary>
    public string Folder { get; init; } = AppContext.BaseDirectory;

    /// <summary>The files that were named or found, without included ones. Absolute.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    public Dictionary<string, SettingValue> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    public DomainSettings Defaults { get; } = new(default);

    /// <summary>In the order in which the files have them. The defaults of an included file are laid under its domains already.</summary>
    public Dictionary<string, DomainSettings> Domains { get; } = new(StringComparer.OrdinalIgnoreCase);

    public void Add(ConfigurationLayer layer, ProblemList problems)
    {
        foreach (var (path, value) in layer.Values)
        {
            if (path.StartsWith(DomainsPrefix, StringComparison.OrdinalIgnoreCase)) AddDomainKey(path, value, problems);
            else if (path.StartsWith(DefaultsPrefix, StringComparison.OrdinalIgnoreCase)) SetKey(Defaults,
                "MtaSts:Defaults", path[DefaultsPrefix.Length..], value, problems);
            else Values[path] = value;
        }

        if (layer.Defaults is { } defaults) Defaults.Overlay("MtaSts:Defaults", defaults, problems);
        foreach (var (name, settings) in layer.Domains)
        {
            if (settings.IsRemoval) Domains.Remove(name);
            else if (!Domains.TryAdd(name, settings)) Domains[name].Overlay(DomainsPrefix + name, settings, problems);
        }
    }

    private void AddDomainKey(string path, SettingValue value, ProblemList problems)
    {
        var rest = path[DomainsPrefix.Length..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? rest : rest[..colon];
        if (!Domains.TryGetValue(name, out var settings)) Domains[name] = settings = new DomainSettings(value.Origin);
        if (colon >= 0) SetKey(settings, path[..(DomainsPrefix.Length + colon)], rest[(colon + 1)..], value, problems);
        else if (value.Kind == SettingKind.Text)
            problems.Error(path, value.Origin, "must be an object", "set one of its keys, such as Mode");
    }

    private static void SetKey(DomainSettings settings, string path, string key, SettingValue value, ProblemList problems)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon >= 0 && DomainSettings.IsSection(key.AsSpan(0, colon))) colon = key.IndexOf(':', colon + 1);
        if (colon < 0) settings.Set(path, key, null, value, problems);
        else settings.Set(path, key.AsSpan(0, colon), key[(colon + 1)..], value, problems);
    }
}

internal enum SettingKind
{
    Text,
    Null,
    EmptyList,
    EmptyObject,
}

/// <summary>One value of one layer. Numbers and booleans are kept as the text that the file has, as ASP.NET Core does.</summary>
internal readonly record struct SettingValue(string? Text, SettingKind Kind, ConfigurationLayer Layer, int Line)
{
    public Origin Origin => new(Layer.Source, Line);
}

/// <summary>
/// One source of settings: a JSON file, the environment or the command line. Domains are kept apart from the flat keys,
/// since there may be 100,000 of them and the flat form would cost a string a value.
/// </summary>
/// <param name="source">What messages call it: the file's name, <c>environment</c> or <c>command line</c>.</param>
/// <param name="folder">The absolute folder that the layer's relative paths start from.</param>
internal sealed class ConfigurationLayer(string source, string folder)
{
    public string Source { get; } = source;

    public string Folder { get; } = folder;

    /// <summary>Everything but defaults and domains, by path: <c>Tls:Certificates:0:Path</c>.</summary>
    public Dictionary<string, SettingValue> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    public DomainSettings? Defaults { get; set; }

    public Dictionary<string, DomainSettings> Domains { get; } = new(StringComparer.OrdinalIgnoreCase);
}
