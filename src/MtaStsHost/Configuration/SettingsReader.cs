using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace MtaStsHost.Configuration;

/// <summary>
/// Binds the merged values to options classes, and runs their validators. Each problem is reported with its path, origin and remedy: not
/// what the framework's binder can do, which stops at the first value of the wrong type and knows no lines.
/// </summary>
internal sealed partial class SettingsReader(ConfigurationTree tree, ProblemList problems)
{
    /// <summary>From members, as validators name them (<c>Acme.Fallbacks[0].DirectoryUrl</c>), to paths.</summary>
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);

    public ProblemList Problems { get; } = problems;

    /// <param name="section">Its path.</param>
    public T Bind<T>(string section, IValidateOptions<T> validator) where T : class
    {
        var type = OptionsType.Find(typeof(T))!;
        var options = (T)type.Create();
        Bind(options, type, section, section);
        foreach (var failure in validator.Validate(section, options).Failures ?? []) Report(failure);
        return options;
    }

    /// <summary>The text of a value; <c>null</c> if it isn't set, is JSON's null or is empty.</summary>
    public SettingValue? Find(string path) =>
        tree.Values.TryGetValue(path, out var value) && value is { Kind: SettingKind.Text, Text.Length: > 0 } ? value : null;

    /// <inheritdoc cref="ConfigurationTree.Files"/>
    public ImmutableArray<string> Files => tree.Files;

    /// <summary>The folder from which a relative path in that setting starts.</summary>
    public string FolderOf(string path) => Find(path)?.Layer.Folder ?? tree.Folder;

    /// <inheritdoc cref="_paths"/>
    public string PathOf(string member) => _paths[member];

    public void Error(string path, string what, string remedy) => Problems.Error(path, OriginOf(path), what, remedy);

    /// <summary>Where a setting is, or, if it is not set, another one of its section.</summary>
    public Origin OriginOf(string path)
    {
        if (tree.Values.TryGetValue(path, out var value)) return value.Origin;
        var section = path[..path.LastIndexOf(':')];
        if (tree.Values.TryGetValue(section, out value)) return value.Origin;
        return tree.Values.FirstOrDefault(entry => entry.Key.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase)).Value
            is { Layer: not null } other ? other.Origin : default;
    }

    /// <summary>The entries of a list in the order of their indexes, with their paths.</summary>
    public IReadOnlyList<(string Path, SettingValue Value)> List(string path) =>
    [
        .. Children(path).Where(child => child.Index >= 0)
            .Where(child => tree.Values.TryGetValue(child.Path, out var value) && value.Kind == SettingKind.Text)
            .Select(child => (child.Path, tree.Values[child.Path])),
    ];

    /// <summary>The paths directly under a path: those under <c>Tls:Certificates</c> are <c>Tls:Certificates:0</c> and so on.</summary>
    public IReadOnlyList<string> Sections(string path) => [.. Children(path).Select(child => child.Path)];

    private IEnumerable<(int Index, string Path)> Children(string path)
    {
        var prefix = path + ":";
        return tree.Values.Keys.Where(key => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .Select(key => key[prefix.Length..].Split(':')[0])
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name =>
                (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1, prefix + name))
            .OrderBy(child => child.Item1);
    }

    private void Bind(object options, OptionsType type, string path, string member)
    {
        _paths[member] = path;
        foreach (var property in type.Properties)
        {
            var (childPath, childMember) = ($"{path}:{property.Name}", $"{member}.{property.Name}");
            switch (property.Kind)
            {
                case OptionKind.Value:
                    BindValue(options, property, childPath, childMember);
                    break;
                case OptionKind.List:
                    BindList((List<string>)property.Get(options)!, property, childPath, childMember);
                    break;
                case OptionKind.Map:
                    BindMap((Dictionary<string, string>)property.Get(options)!, property, childPath, childMember);
                    break;
                case OptionKind.Section:
                    var section = property.Get(options)!;
                    Bind(section, property.Section!, childPath, childMember);
                    if (property.OrValueOf is { } key)
                        BindValue(section, property.Section![key], childPath, $"{childMember}.{key}");
                    break;
                case OptionKind.SectionList:
                    BindSections((IList)property.Get(options)!, property.Section!, childPath, childMember);
                    break;
                default: // endpoints are bound one by one, domains are not bound
                    break;
            }
        }
    }

    private void BindValue(object options, OptionsProperty property, string path, string member)
    {
        if (Find(path) is not { } value) return;
        _paths[member] = path;
        var text = value.Text!;
        if (property.Type == typeof(string)) property.Set(options, Spell(property, value));
        else if (property.Type == typeof(bool))
        {
            if (bool.TryParse(text, out var flag)) property.Set(options, flag);
            else Report($"{member}: is neither true nor false; use true or false");
        }
        else if (property.Type == typeof(int))
        {
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                property.Set(options, number);
            else Report(property.Find<RangeAttribute>()!.FormatErrorMessage(member));
        }
        else if (DurationAttribute.TryParse(text, out var span)) property.Set(options, span);
        else Report(property.Find<DurationAttribute>()!.FormatErrorMessage(member));
    }

    private void BindList(List<string> list, OptionsProperty property, string path, string member)
    {
        _paths[member] = path;
        var entries = property.IsOneOrMore && Find(path) is { } single ? [(path, single)] : List(path);
        if (entries.Count > 0 || tree.Values.TryGetValue(path, out var value) && value.Kind == SettingKind.EmptyList) list.Clear();
        foreach (var (entryPath, entry) in entries)
        {
            _paths[TextAttribute.Member(member, list.Count)] = entryPath;
            list.Add(Spell(property, entry));
        }
    }

    private void BindMap(Dictionary<string, string> map, OptionsProperty property, string path, string member)
    {
        foreach (var key in tree.Values.Keys.Where(key => key.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase)))
        {
            if (Find(key) is not { } value) continue;
            var name = key[(path.Length + 1)..];
            _paths[TextAttribute.Member(member, name)] = key;
            map[name] = Spell(property, value);
        }
    }

    private void BindSections(IList list, OptionsType type, string path, string member)
    {
        foreach (var (index, section) in Children(path))
        {
            // Not a list, or not an object in it: reported as such already.
            if (index < 0 || tree.Values.TryGetValue(section, out var value) && value.Kind is SettingKind.Text or SettingKind.EmptyList)
                continue;
            var entry = type.Create();
            Bind(entry, type, section, TextAttribute.Member(member, list.Count));
            list.Add(entry);
        }
    }

    private static string Spell(OptionsProperty property, SettingValue value) =>
        property.Find<FilePathAttribute>() is { } path && path.Fault(value.Text!) is null
            ? Path.GetFullPath(value.Text!, value.Layer.Folder)
        : property.Find<ChoiceAttribute>()?.Spell(value.Text!) ?? value.Text!;

    /// <param name="failure">As the generated validators have it: <c>NAME: MEMBER: what; remedy</c>, the first part optional.</param>
    private void Report(string failure)
    {
        // The generated validators have a message of their own for [Range], whatever the attribute says.
        failure = RangeMessage().Replace(failure, "$1: is not a whole number from $2 to $3; use a number from $2 to $3");
        foreach (var line in failure.Split(TextAttribute.Separator))
        {
            var (path, message) = Split(line) ?? Split(line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..])
                ?? throw new UnreachableException(line);
            var (what, remedy) = message.IndexOf("; ", StringComparison.Ordinal) is > 0 and var end
                ? (message[..end], message[(end + 2)..]) : (message, "check the setting");
            var isUnset = what.StartsWith("is not set", StringComparison.Ordinal);
            // A misspelt key has its error, and is what is missing here.
            if (isUnset && Problems.HasErrorUnder(path[..path.LastIndexOf(':')])) continue;
            if (!isUnset && tree.Values.TryGetValue(path, out var value) && value.Kind == SettingKind.Text)
                what = $"{ProblemList.Quote(value.Text)} {what}";
            Error(path, what, remedy);
        }
    }

    /// <summary>Keys of a map may contain anything, so the member ends where one that is known does.</summary>
    private (string Path, string Message)? Split(string line)
    {
        for (var end = line.IndexOf(": ", StringComparison.Ordinal); end >= 0; end = line.IndexOf(": ", end + 1, StringComparison.Ordinal))
        {
            var member = line[..end];
            if (_paths.TryGetValue(member, out var path)) return (path, line[(end + 2)..]);
            var dot = member.LastIndexOf('.');
            if (dot > 0 && member[(dot + 1)..].All(char.IsAsciiLetterOrDigit) && _paths.TryGetValue(member[..dot], out path))
                return ($"{path}:{member[(dot + 1)..]}", line[(end + 2)..]);
        }

        return null;
    }

    [GeneratedRegex(@"The field (\S+) must be between (\d+) and (\d+)\.$")]
    private static partial Regex RangeMessage();
}
