namespace MtaStsHost.Configuration;

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
