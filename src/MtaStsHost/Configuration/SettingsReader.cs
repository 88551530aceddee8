using System.Globalization;

namespace MtaStsHost.Configuration;

/// <summary>Typed look at the merged values; what doesn't fit is reported with its path, place and remedy.</summary>
internal sealed class SettingsReader(ConfigurationTree tree, ProblemList problems)
{
    public ProblemList Problems { get; } = problems;

    /// <inheritdoc cref="ConfigurationTree.Folder"/>
    public string DefaultFolder => tree.Folder;

    public IEnumerable<string> Paths(string prefix) =>
        tree.Values.Keys.Where(path => path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text of a value; <c>null</c> when it isn't set, is JSON's null or is empty.</summary>
    public SettingValue? Find(string path) =>
        tree.Values.TryGetValue(path, out var value) && value is { Kind: SettingKind.Text, Text.Length: > 0 } ? value : null;

    /// <summary>Whatever stands at just that path, an empty list or object too.</summary>
    public SettingValue? Raw(string path) => tree.Values.TryGetValue(path, out var value) ? value : null;

    public string? Text(string path) => Find(path)?.Text;

    /// <summary>The entries of a list in the order of their indexes, with their paths.</summary>
    public IReadOnlyList<(string Path, SettingValue Value)> List(string path)
    {
        var prefix = path + ":";
        return
        [
            .. tree.Values
                .Where(entry => entry.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && entry.Value.Kind == SettingKind.Text)
                .Select(entry => (Index: Index(entry.Key[prefix.Length..]), entry.Key, entry.Value))
                .Where(entry => entry.Index >= 0)
                .OrderBy(entry => entry.Index)
                .Select(entry => (entry.Key, entry.Value)),
        ];
    }

    /// <summary>The paths of the sections directly under a path: those of <c>Tls:Certificates</c> are <c>Tls:Certificates:0</c> and so
    /// on.</summary>
    public IReadOnlyList<string> Sections(string path)
    {
        var prefix = path + ":";
        return
        [
            .. tree.Values.Keys
                .Where(key => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                .Select(key => key[prefix.Length..].Split(':')[0])
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .OrderBy(name => Index(name))
                .Select(name => prefix + name),
        ];
    }

    public bool Bool(string path, bool otherwise)
    {
        if (Find(path) is not { } value) return otherwise;
        if (bool.TryParse(value.Text, out var result)) return result;
        Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is neither true nor false", "use true or false");
        return otherwise;
    }

    public int Int(string path, int otherwise, int min, int max)
    {
        if (Find(path) is not { } value) return otherwise;
        if (int.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var result)
            && result >= min && result <= max) return result;
        Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no whole number from {min} to {max}",
            $"use a number from {min} to {max}");
        return otherwise;
    }

    /// <summary>One of the given words, without regard to case, spelt as given here.</summary>
    public string Choice(string path, string otherwise, params ReadOnlySpan<string> choices)
    {
        if (Find(path) is not { } value) return otherwise;
        foreach (var choice in choices)
        {
            if (choice.Equals(value.Text, StringComparison.OrdinalIgnoreCase)) return choice;
        }

        Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is not known here", $"use {string.Join(" or ", choices!)}");
        return otherwise;
    }

    /// <summary>A file's path, made absolute from the folder of the layer that it stands in; <c>null</c> when it isn't set or is
    /// none.</summary>
    public string? FullPath(string path)
    {
        if (Find(path) is not { } value) return null;
        if (!value.Text!.Contains('\0', StringComparison.Ordinal)) return Path.GetFullPath(value.Text, value.Layer.Folder);
        Problems.Error(path, value.Origin, $"{ProblemList.Quote(value.Text)} is no path", "write the path of a file");
        return null;
    }

    private static int Index(string segment) =>
        int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;
}
