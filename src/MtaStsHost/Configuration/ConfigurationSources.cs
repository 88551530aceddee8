using System.Collections;

namespace MtaStsHost.Configuration;

/// <summary>
/// Where settings come from, lowest first: <c>appsettings.json</c>, <c>appsettings.{Environment}.json</c>, the files that
/// <c>--config</c> names, the environment, the command line. Paths are absolute; what the operator wrote is kept for messages.
/// </summary>
internal sealed class ConfigurationSources
{
    public const string FileName = "appsettings.json";

    /// <summary>Top-level sections that the host reads.</summary>
    public static readonly ImmutableArray<string> Sections =
        [.. OptionsType.Root.Properties.Select(section => section.Name), LettuceEncryptSection.Name];

    /// <param name="folder">The folder of appsettings.json.</param>
    /// <param name="configFiles">What --config names, relative to <paramref name="workingDirectory"/>.</param>
    /// <param name="overrides">Command-line settings, <c>Key:Sub</c> to value.</param>
    public ConfigurationSources(
        string folder,
        IReadOnlyList<string> configFiles,
        IReadOnlyList<KeyValuePair<string, string>> overrides,
        IDictionary environment,
        string workingDirectory)
    {
        var name = environment["ASPNETCORE_ENVIRONMENT"] as string ?? environment["DOTNET_ENVIRONMENT"] as string ?? "Production";
        var files = new List<ConfigurationFile>
        {
            // Without any appsettings.json, --config alone must do.
            new(FileName, Path.Combine(folder, FileName), Optional: configFiles.Count > 0),
        };
        if (name.Length > 0 && name.IndexOfAny(['/', '\\', '\0']) < 0)
            files.Add(new($"appsettings.{name}.json", Path.Combine(folder, $"appsettings.{name}.json"), Optional: true));
        files.AddRange(configFiles.Select(file => new ConfigurationFile(file, Path.GetFullPath(file, workingDirectory), Optional: false)));
        Files = files;
        // Not the working directory: the next start may have another one, and would not find the store.
        DefaultFolder = configFiles.Count > 0 && !File.Exists(files[0].Path) ? files[^configFiles.Count].Folder : folder;

        Environment = new ConfigurationLayer("environment", workingDirectory);
        foreach (DictionaryEntry entry in environment)
        {
            var key = ((string)entry.Key).Replace("__", ":", StringComparison.Ordinal);
            if (IsSetting(key)) Add(Environment, key, (string?)entry.Value);
        }

        CommandLine = new ConfigurationLayer("command line", workingDirectory);
        foreach (var (key, value) in overrides) Add(CommandLine, key, value);

        static void Add(ConfigurationLayer layer, string key, string? value) =>
            layer.Values[key] = new SettingValue(value, SettingKind.Text, layer, 0);
    }

    public IReadOnlyList<ConfigurationFile> Files { get; }

    /// <summary>Where relative paths start that stand in no file: the folder of appsettings.json; without any, that of the first file of
    /// --config. Absolute.</summary>
    public string DefaultFolder { get; }

    public ConfigurationLayer Environment { get; }

    public ConfigurationLayer CommandLine { get; }

    /// <summary>
    /// The folder of appsettings.json: the binary's own; in a checkout the repository's root, so that <c>dotnet run</c> uses the
    /// file that is edited there; else the working directory.
    /// </summary>
    public static string FindFolder(string baseDirectory, string workingDirectory)
    {
        if (File.Exists(Path.Combine(baseDirectory, FileName))) return baseDirectory;
        for (var folder = new DirectoryInfo(baseDirectory).Parent; folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MtaStsHost.sln")) && File.Exists(Path.Combine(folder.FullName, FileName)))
                return folder.FullName;
        }

        return workingDirectory;
    }

    private static bool IsSetting(string key)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Sections.Any(section => key.AsSpan(0, colon).Equals(section, StringComparison.OrdinalIgnoreCase));
    }
}

/// <param name="Name">As messages call it.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Optional">May be missing.</param>
internal sealed record ConfigurationFile(string Name, string Path, bool Optional)
{
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;
}
