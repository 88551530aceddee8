using System.Collections;

namespace MtaStsHost.Configuration;

/// <summary>
/// Where settings come from, lowest first: <c>appsettings.json</c>, <c>appsettings.{Environment}.json</c>, the files that
/// <c>--config</c> names, the environment, the command line. Paths are absolute; what the operator wrote is kept for messages.
/// </summary>
internal sealed class ConfigurationSources
{
    public const string FileName = "appsettings.json";

    /// <summary>Where an installed configuration is.</summary>
    public const string InstalledPath = "/etc/mtastshost/appsettings.json";

    /// <summary>Names the file that is read where --config names none, on top of appsettings.json; in the image, that of a mounted
    /// folder.</summary>
    public const string PathVariable = "MTASTSHOST_CONFIG";

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
            new(FileName, Path.Combine(folder, FileName), Optional: configFiles.Count > 0)
            {
                IfMissing = $"it is neither in {folder} nor at {InstalledPath}; write it, or name a file with --config",
            },
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
            // Compose can't leave a variable out, only leave it empty, and that must not undo what a file sets.
            if (IsSetting(key) && entry.Value is string { Length: > 0 }) Add(Environment, key, (string?)entry.Value);
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

    /// <summary>What to read, on top of any appsettings.json in <paramref name="folder"/>, where --config names nothing.</summary>
    /// <param name="folder">The folder of appsettings.json.</param>
    public static IReadOnlyList<string> FindDefaults(
        string folder, IDictionary environment, string workingDirectory, string installed = InstalledPath)
    {
        if (environment[PathVariable] is string { Length: > 0 } named) return IsExpected(named) ? [named] : [];
        return !File.Exists(Path.Combine(folder, FileName)) && IsExpected(installed) ? [installed] : [];

        // Without the folder, nothing was installed or mounted there. A folder without the file is a mistake, which reading it reports.
        bool IsExpected(string path) => Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path, workingDirectory)));
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

    /// <summary>Why it may be missing, and what to do; <c>null</c>: the path is wrong.</summary>
    public string? IfMissing { get; init; }
}
