namespace MtaStsHost.Configuration;

/// <summary>What a load found: the merged values, and what to watch for changes.</summary>
/// <param name="Fingerprint">Of the inputs, taken before they were read: a change while they were read shows at the next look.</param>
internal sealed record LoadedConfiguration(ConfigurationTree Tree, ProblemList Problems, ConfigurationInputs Inputs, long Fingerprint)
{
    /// <summary>Of <c>MtaSts:Include</c>, except those that can't be seen, which are errors.</summary>
    public ImmutableArray<IncludeFolder> Folders { get; init; } = [];

    /// <summary>The files that were read, in that order. Absolute.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The settings that the environment sets, whatever files say.</summary>
    public IReadOnlyList<string> FromEnvironment { get; init; } = [];
}

/// <summary>Reads all sources and merges them. Reports what can't be read; what the values mean is judged by their features.</summary>
internal sealed class ConfigurationLoader(ConfigurationSources sources)
{
    private const string IncludePath = "MtaSts:Include";

    private const int MaxRestarts = 3;

    /// <summary>Ten times what 100,000 domains need.</summary>
    private const int MaxFileBytes = 256 * 1024 * 1024;

    /// <summary>Keys that an included file can't have, though the main ones can.</summary>
    private static readonly string[] s_elsewhere = [.. ConfigurationSources.Sections, "Include", "PublicHost"];

    public LoadedConfiguration Load()
    {
        for (var attempt = 0; ; attempt++)
        {
            var problems = new ProblemList();
            var main = new ConfigurationInputs([.. sources.Files.Select(file => file.Path)], []);
            var before = main.Fingerprint();
            var files = new List<string>();
            var layers = ReadMain(files, problems);
            var tree = Merge(layers, problems);
            var includes = Includes(tree, layers);
            var inputs = main with { Includes = includes };
            var fingerprint = inputs.Fingerprint();
            // A main file that changed between the two fingerprints would otherwise count as read. One that keeps changing is read as it
            // is, under a fingerprint that matches nothing, so that it is read again.
            var isQuiet = main.Fingerprint() == before;
            if (!isQuiet && attempt < MaxRestarts) continue;
            var folders = ReadIncluded(tree, includes, files, problems);
            // The environment and the command line last: they are laid over the domains of included files too.
            tree.Add(sources.Environment, problems);
            tree.Add(sources.CommandLine, problems);
            LettuceEncryptSection.Merge(tree, problems);
            KnownSettings.Check(tree, problems);
            return new LoadedConfiguration(tree, problems, inputs, isQuiet ? fingerprint : ~fingerprint)
            {
                Folders = folders,
                Files = files,
                FromEnvironment = [.. sources.Environment.Values.Keys.Order(StringComparer.OrdinalIgnoreCase)],
            };
        }
    }

    /// <summary>The main files, the environment and the command line; errors don't matter to the caller.</summary>
    public ConfigurationTree LoadWithoutIncludes()
    {
        var problems = new ProblemList();
        var tree = Merge(ReadMain([], problems), problems);
        tree.Add(sources.Environment, problems);
        tree.Add(sources.CommandLine, problems);
        return tree;
    }

    private List<ConfigurationLayer> ReadMain(List<string> files, ProblemList problems)
    {
        var layers = new List<ConfigurationLayer>();
        foreach (var file in sources.Files)
        {
            if (Read(file, included: false, problems) is not { } layer) continue;
            files.Add(file.Path);
            layers.Add(layer);
        }

        return layers;
    }

    private ConfigurationTree Merge(IEnumerable<ConfigurationLayer> layers, ProblemList problems)
    {
        var tree = new ConfigurationTree
        {
            Folder = sources.DefaultFolder,
            Files = [.. sources.Files.Select(file => file.Path)],
        };
        foreach (var layer in layers) tree.Add(layer, problems);
        return tree;
    }

    private List<IncludePattern> Includes(ConfigurationTree tree, IEnumerable<ConfigurationLayer> layers)
    {
        var merged = new ConfigurationTree();
        foreach (var (path, value) in tree.Values.Concat(sources.Environment.Values).Concat(sources.CommandLine.Values))
            merged.Values[path] = value;
        // By default, those next to each of the files: whichever of them has been replaced, a folder of domains beside it is not missed.
        if (!merged.Values.Any(entry => entry.Value.Kind != SettingKind.Null && IsInclude(entry.Key)))
            return [.. layers.Select(layer => layer.Folder).Distinct(StringComparer.Ordinal)
                .SelectMany(folder => new MtaStsOptions().Include.Select(pattern => new IncludePattern(pattern, folder)))];
        // One that is not a pattern gets its error when the settings are read.
        return
        [
            .. new SettingsReader(merged, new ProblemList()).List(IncludePath).Select(entry => entry.Value)
                .Where(value => value.Text!.Length > 0 && IncludePattern.Judge(value.Text) is null)
                .Select(value => new IncludePattern(value.Text!, value.Layer.Folder)),
        ];
    }

    private static bool IsInclude(string path) => path.StartsWith(IncludePath, StringComparison.OrdinalIgnoreCase)
        && (path.Length == IncludePath.Length || path[IncludePath.Length] == ':');

    private ImmutableArray<IncludeFolder> ReadIncluded(
        ConfigurationTree tree, IReadOnlyList<IncludePattern> includes, List<string> files, ProblemList problems)
    {
        var read = sources.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        var folders = ImmutableArray.CreateBuilder<IncludeFolder>();
        foreach (var file in includes.SelectMany(include => Match(include, folders, problems)))
        {
            if (!read.Add(file.Path) || Read(file, included: true, problems) is not { } layer) continue;
            files.Add(file.Path);
            ReportOthers(layer, problems);
            // Growing by doubling leaves large arrays behind, each of which brings a full collection nearer.
            if (layer.Domains.Count > tree.Domains.Count) tree.Domains.EnsureCapacity(tree.Domains.Count + layer.Domains.Count);
            foreach (var (name, settings) in layer.Domains.Where(entry => !entry.Value.IsRemoval))
            {
                // The defaults of an included file hold for its own domains, over the general ones.
                if (!tree.Domains.TryAdd(name, layer.Defaults is null ? settings : settings.Over(layer.Defaults)))
                    problems.Error($"MtaSts:Domains:{name}", settings.Origin,
                        $"the domain is also in {tree.Domains[name].Origin}", "keep it in one file");
            }
        }

        return folders.DrainToImmutable();
    }

    /// <summary>Reports what is neither Domains nor Defaults in an included file: once a key, however much stands under it.</summary>
    private static void ReportOthers(ConfigurationLayer layer, ProblemList problems)
    {
        var reported = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in layer.Values)
        {
            var segments = path.Split(':');
            var depth = segments.Length > 1 && segments[0].Equals("MtaSts", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
            var (where, key) = (string.Join(':', segments[..(depth + 1)]), segments[depth]);
            var isEmpty = (value.Kind is SettingKind.EmptyObject or SettingKind.Null)
                && key.Equals("MtaSts", StringComparison.OrdinalIgnoreCase);
            if (isEmpty || key == "$schema" || !reported.Add(where)) continue;
            if (s_elsewhere.Contains(key, StringComparer.OrdinalIgnoreCase))
                problems.Error(where, value.Origin, "an included file holds Domains and Defaults only",
                    $"move it to {ConfigurationSources.FileName}");
            else
                UnknownKeys.Report(where, key, ["Domains", "Defaults"], value.Origin, problems);
        }
    }

    private static IReadOnlyList<ConfigurationFile> Match(
        IncludePattern include, ImmutableArray<IncludeFolder>.Builder folders, ProblemList problems)
    {
        try
        {
            if (include.Look() is { } folder) folders.Add(folder);
            return include.Files();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Error("MtaSts:Include", new Origin(include.WatchFolder, 0), "the folder can't be listed", $"{Reason(e)}");
            return [];
        }
    }

    private static ConfigurationLayer? Read(ConfigurationFile file, bool included, ProblemList problems)
    {
        byte[] bytes;
        try
        {
            bytes = BoundedFile.Read(file.Path, MaxFileBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && file.Optional)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            problems.Error("", new Origin(file.Name, 0), "the file can't be read", isMissing ? file.IfMissing ?? Reason(e) : Reason(e));
            return null;
        }

        var layer = new ConfigurationLayer(file.Name, file.Folder);
        JsonLayerReader.Read(layer, bytes, included, problems);
        return layer;
    }

    internal static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file; check the path",
        UnauthorizedAccessException => "it is a folder, or this user may not read it; check its path and permissions",
        _ => Printable.Text(e.Message, 300),
    };
}
