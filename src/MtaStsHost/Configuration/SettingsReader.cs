using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace MtaStsHost.Configuration;

/// <summary>
/// Binds the merged values to options classes, and applies their rules. Each problem is reported with its path, origin and remedy: not
/// what the framework's binder can do, which stops at the first value of the wrong type and knows no lines.
/// </summary>
internal sealed class SettingsReader(ConfigurationTree tree, ProblemList problems)
{
    /// <summary>The paths of lists' entries: in a list with gaps, their numbers are not the indexes.</summary>
    private readonly Dictionary<(string List, int Index), string> _entries = [];

    /// <summary>Values that break a rule of theirs; reported when the whole section is bound.</summary>
    private readonly List<(string Path, string Fault)> _faults = [];

    public ProblemList Problems { get; } = problems;

    public T Bind<T>(string section) where T : class
    {
        var type = OptionsType.Find(typeof(T))!;
        var options = (T)type.Create();
        Bind(options, type, section, null);
        foreach (var (path, fault) in _faults) Report(path, fault);
        _faults.Clear();
        return options;
    }

    /// <summary>The text of a value; <c>null</c> if it isn't set, is JSON's null or is empty.</summary>
    public SettingValue? Find(string path) =>
        tree.Values.TryGetValue(path, out var value) && value is { Kind: SettingKind.Text, Text.Length: > 0 } ? value : null;

    /// <summary>The folder from which a relative path in that setting starts.</summary>
    public string FolderOf(string path) => Find(path)?.Layer.Folder ?? tree.Folder;

    /// <summary>The path of an entry that was bound.</summary>
    public string PathOf(string list, int index) => _entries[(list, index)];

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

    /// <param name="orValueOf">The property whose value may stand in place of the section.</param>
    private void Bind(object options, OptionsType type, string path, string? orValueOf)
    {
        foreach (var property in type.Properties)
        {
            var child = property.Name == orValueOf && Find(path) is not null ? path : $"{path}:{property.Name}";
            var value = property.Get(options);
            switch (property.Kind)
            {
                case OptionKind.Value:
                    BindValue(options, property, child);
                    break;
                case OptionKind.List:
                    BindList((List<string>)value!, property, child);
                    break;
                case OptionKind.Map:
                    BindMap((Dictionary<string, string>)value!, property, child);
                    break;
                case OptionKind.Section:
                    Bind(value!, property.Section!, child, property.OrValueOf);
                    break;
                case OptionKind.SectionList:
                    BindSections((IList)value!, property.Section!, child);
                    break;
                default: // endpoints are bound one by one, domains are not bound
                    break;
            }
        }
    }

    private void BindValue(object options, OptionsProperty property, string path)
    {
        var value = Find(path);
        var parsed = value is { } set ? Parse(property, set) : null;
        if (parsed is not null) property.Set(options, parsed);
        else if (value is not null)
            Report(path, property.Type == typeof(bool) ? "is neither true nor false; use true or false" : Message(property.Rules[0]));
        Validate(property, property.Get(options), path, parsed is string text ? [(path, text)] : []);
    }

    private static object? Parse(OptionsProperty property, SettingValue value)
    {
        if (property.Type == typeof(string)) return Spell(property, value);
        if (property.Type == typeof(bool)) return bool.TryParse(value.Text, out var flag) ? flag : null;
        if (property.Type == typeof(TimeSpan)) return DurationAttribute.TryParse(value.Text!, out var span) ? span : null;
        return int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private void BindList(List<string> list, OptionsProperty property, string path)
    {
        var entries = property.IsOneOrMore && Find(path) is { } single ? [(path, single)] : List(path);
        if (entries.Count > 0 || tree.Values.TryGetValue(path, out var value) && value.Kind == SettingKind.EmptyList) list.Clear();
        foreach (var (entryPath, entry) in entries)
        {
            _entries[(path, list.Count)] = entryPath;
            list.Add(Spell(property, entry));
        }

        Validate(property, list, path, entries.Select((entry, i) => (entry.Path, list[i])));
    }

    private void BindMap(Dictionary<string, string> map, OptionsProperty property, string path)
    {
        var keys = tree.Values.Keys.Where(key => key.StartsWith(path + ":", StringComparison.OrdinalIgnoreCase) && Find(key) is not null)
            .ToDictionary(key => key[(path.Length + 1)..]);
        foreach (var (name, key) in keys) map[name] = Spell(property, Find(key)!.Value);
        Validate(property, map, path, keys.Select(entry => (entry.Value, map[entry.Key])));
    }

    private void BindSections(IList list, OptionsType type, string path)
    {
        foreach (var (index, section) in Children(path))
        {
            // Not a list, or not an object in it: reported as such already.
            if (index < 0 || tree.Values.TryGetValue(section, out var value) && value.Kind is SettingKind.Text or SettingKind.EmptyList)
                continue;
            var entry = type.Create();
            _entries[(path, list.Count)] = section;
            Bind(entry, type, section, null);
            list.Add(entry);
        }
    }

    private static string Spell(OptionsProperty property, SettingValue value) =>
        property.Find<FilePathAttribute>() is { } path && path.Fault(value.Text!) is null
            ? Path.GetFullPath(value.Text!, value.Layer.Folder)
        : property.Find<ChoiceAttribute>()?.Spell(value.Text!) ?? value.Text!;

    /// <param name="texts">What was configured, each text with its path.</param>
    private void Validate(OptionsProperty property, object? value, string path, IEnumerable<(string Path, string Text)> texts)
    {
        foreach (var rule in property.Rules)
        {
            if (rule is not TextAttribute ofTexts)
            {
                if (rule.IsValid(value)) continue;
                _faults.Add((path, Message(rule)));
                return;
            }

            foreach (var (at, text) in texts)
            {
                if (ofTexts.Fault(text) is { } fault) _faults.Add((at, fault));
            }
        }
    }

    private static string Message(ValidationAttribute rule) => rule is RangeAttribute { Minimum: var least, Maximum: var most }
        ? $"is not a whole number from {least} to {most}; use a number from {least} to {most}" : rule.FormatErrorMessage("");

    /// <param name="fault">What is wrong, and after a semicolon the remedy.</param>
    private void Report(string path, string fault)
    {
        var end = fault.IndexOf("; ", StringComparison.Ordinal);
        var what = fault[..end];
        var isUnset = what.StartsWith("is not set", StringComparison.Ordinal);
        // A misspelt key has its error, and is what is missing here.
        if (isUnset && Problems.HasErrorUnder(path[..path.LastIndexOf(':')])) return;
        if (!isUnset && tree.Values.TryGetValue(path, out var value) && value.Kind == SettingKind.Text)
            what = $"{ProblemList.Quote(value.Text)} {what}";
        Error(path, what, fault[(end + 2)..]);
    }
}
