using System.Collections;
using System.Text.RegularExpressions;

namespace MtaStsHost.Configuration;

/// <summary>A setting as <c>config show</c> prints it: secrets are hidden.</summary>
/// <param name="Value"><c>null</c>: not set, and without a default.</param>
/// <param name="Origin">Without a source: the default.</param>
internal sealed record ActiveSetting(string Path, string? Value, Origin Origin);

/// <summary>Lists every setting with its value, from the merged sources or the options classes' defaults.</summary>
internal static partial class ActiveSettings
{
    private const string Hidden = "***";

    public static IEnumerable<ActiveSetting> Of(ConfigurationTree tree)
    {
        var (settings, defaults) = (new SettingsReader(tree, new ProblemList()), new RootOptions());
        return OptionsType.Root.Properties.SelectMany(section => Of(section, section.Get(defaults)!, section.Name, settings))
            .Concat(Domains(tree));
    }

    private static IEnumerable<ActiveSetting> Domains(ConfigurationTree tree) =>
        tree.Domains.Select(domain => ($"MtaSts:Domains:{domain.Key}", domain.Value)).Prepend(("MtaSts:Defaults", tree.Defaults))
            .SelectMany(domain => domain.Item2.All.Select(entry => new ActiveSetting(
                $"{domain.Item1}:{entry.Key}", HideUserInfo(entry.Value.Text!), entry.Value.Origin)));

    private static IEnumerable<ActiveSetting> Of(OptionsProperty section, object defaults, string path, SettingsReader settings) =>
        section.Section!.Properties.SelectMany(property => Of(property, property.Get(defaults), settings, $"{path}:{property.Name}",
            property.Name == section.OrValueOf && settings.Find(path) is not null ? path : null));

    private static IEnumerable<ActiveSetting> Of(
        OptionsProperty property, object? standard, SettingsReader settings, string path, string? insteadOf)
    {
        switch (property.Kind)
        {
            case OptionKind.Value:
                var value = settings.Find(insteadOf ?? path);
                return [new(path, Show(property, value?.Text ?? Text(standard)), value?.Origin ?? default)];
            case OptionKind.List:
                var list = property.IsOneOrMore && settings.Find(path) is { } one ? [(Path: path, Value: one)] : settings.List(path);
                if (list.Count > 0)
                    return list.Select(entry => new ActiveSetting(entry.Path, Show(property, entry.Value.Text), entry.Value.Origin));
                var all = ((IEnumerable)standard!).Cast<string>();
                return all.Select((text, i) => new ActiveSetting(string.Create(CultureInfo.InvariantCulture, $"{path}:{i}"), text, default))
                    .DefaultIfEmpty(new ActiveSetting(path, null, default));
            case OptionKind.Map:
                return settings.Sections(path).Where(entry => settings.Find(entry) is not null)
                    .Select(entry => new ActiveSetting(entry, settings.Find(entry)!.Value.Text, settings.Find(entry)!.Value.Origin));
            case OptionKind.Section when property.Section != OptionsType.Find(typeof(DomainOptions)):
                return Of(property, standard!, path, settings);
            case OptionKind.SectionList or OptionKind.SectionMap:
                return settings.Sections(path).SelectMany(entry => Of(property, property.Section!.Create(), entry, settings));
            default: // domains
                return [];
        }
    }

    private static string? Text(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null,
    };

    private static string? Show(OptionsProperty property, string? text) => text is null ? null
        : property.Secret is { IsPartly: false } ? Hidden
        : property.Secret is null ? HideUserInfo(text)
        : PasswordPart().Replace(HideUserInfo(text), "$1=" + Hidden);

    private static string HideUserInfo(string text) => UserInfo().Replace(text, "$1" + Hidden + "@");

    [GeneratedRegex("(?i)(password|pwd)\\s*=\\s*(\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|[^;]*)")]
    private static partial Regex PasswordPart();

    [GeneratedRegex("(://)[^/@\\s]*@")]
    private static partial Regex UserInfo();
}
